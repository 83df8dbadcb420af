/** What every journey starts from: the program running, and phones and an office to use it with. */
import { test as base } from '@playwright/test';
import { Office } from './office.ts';
import { Phone, type PhoneOptions } from './phone.ts';
import { Server } from './server.ts';

interface Fixtures {
  server: Server;
  /** Another phone out of the box; each has its own storage and network. */
  newPhone: (options?: PhoneOptions) => Promise<Phone>;
  phone: Phone;
  /** An officer of the province asking the server directly. */
  office: Office;
}

export const test = base.extend<Fixtures>({
  server: async ({}, use, info) => {
    const server = await Server.start();
    await use(server);
    try {
      await server.down();
      await server.verify();
    } finally {
      if (server.log.trim() !== '')
        await info.attach('causo.log', { body: server.log, contentType: 'text/plain' });
      await server.remove();
    }
  },
  newPhone: async ({ browser, server }, use) => {
    const phones: Phone[] = [];
    await use(async (options = {}) => {
      const phone = await Phone.take(browser, server.port, options);
      phones.push(phone);
      return phone;
    });
    for (const phone of phones) await phone.throwAway();
  },
  phone: async ({ newPhone }, use) => {
    await use(await newPhone());
  },
  office: async ({ server }, use) => {
    const office = await Office.open(server.url);
    await use(office);
    await office.close();
  },
});
export { expect } from '@playwright/test';
