/** A phone in somebody's hand: a browser with its own storage, on a network of its own that can go away. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  chromium,
  expect,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Locator,
  type Page,
} from '@playwright/test';
import { launchOptions } from './chromium.ts';
import { Network, type About } from './network.ts';
import type { PushService } from './push.ts';

export const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
export const LAPTOP = { viewport: { width: 1280, height: 800 }, hasTouch: false, isMobile: false };
const LOCAL = { locale: 'vi-VN', timezoneId: 'Asia/Ho_Chi_Minh', acceptDownloads: true } as const;

/** Someone of the demonstration, with what opens their account. */
export interface Person {
  login: string;
  secret: string;
  /** The given name the home screen greets. */
  given: string;
}
export const VOLUNTEER: Person = { login: 'tnv', secret: '260324', given: 'Hạnh' };
export const LEADER: Person = { login: 'totruong', secret: '260324', given: '' };
export const COMMUNE_OFFICER: Person = { login: 'canboxa', secret: 'binhdinh-2024', given: '' };
export const PROVINCE_OFFICER: Person = { login: 'canbotinh', secret: 'binhdinh-2024', given: '' };
export const ADMIN: Person = { login: 'quantri', secret: 'binhdinh-2024', given: '' };

/** A row of the phone's own ledger, as far as the tests look into it. */
export interface FactOnPhone {
  id: string;
  member: string;
  state: 'unsent' | 'received' | 'counted' | 'held' | 'refused';
  attempted: boolean;
  voided_by: string | null;
  fact: { id: string; kind: string; happened_at: string; place: string; team: string | null };
}

export interface PhoneOptions extends BrowserContextOptions {
  /** Keeps its storage on disk, so that the whole browser can be closed and opened again. */
  lasting?: boolean;
  /** How far the phone's own clock is from the machine's. */
  clockShiftMs?: number;
  /** Takes push messages from this service, and may show them. Needs `lasting`. */
  push?: PushService;
}

/** Moves a page's clock; `jumpClock` changes it later. */
function shiftClock(shiftMs: number): void {
  const Real = Date;
  const holder = globalThis as unknown as { clockShiftMs: number };
  holder.clockShiftMs = shiftMs;
  globalThis.Date = new Proxy(Real, {
    construct: (target, given: [number]) =>
      (given as number[]).length === 0
        ? new target(target.now() + holder.clockShiftMs)
        : new target(...given),
    get: (target, name) =>
      name === 'now' ? () => target.now() + holder.clockShiftMs : (Reflect.get(target, name) as unknown),
  });
}

export class Phone {
  page!: Page;
  taps = 0;
  private context!: BrowserContext;
  private folder: string | null = null;
  private isOff = false;

  private constructor(
    readonly network: Network,
    private readonly browser: Browser,
    private readonly options: PhoneOptions,
  ) {}

  static async take(browser: Browser, serverPort: number, options: PhoneOptions): Promise<Phone> {
    const network = new Network(serverPort);
    await network.open();
    const phone = new Phone(network, browser, options);
    if (options.lasting === true) phone.folder = await mkdtemp(join(tmpdir(), 'causo-phone-'));
    await phone.openBrowser();
    return phone;
  }

  async openBrowser(): Promise<void> {
    const { lasting: _, clockShiftMs, push, ...given } = this.options;
    const options = { ...LOCAL, ...PHONE, ...given, baseURL: this.network.url };
    this.context =
      this.folder === null
        ? await this.browser.newContext(options)
        : await chromium.launchPersistentContext(this.folder, {
            ...launchOptions,
            ...options,
            args: [...(launchOptions.args ?? []), ...(push?.args ?? [])],
          });
    if (push !== undefined) {
      await this.context.grantPermissions(['notifications'], { origin: this.network.url });
      const subscribes: About = (method, path) => method === 'PUT' && path === '/api/v1/push';
      this.network.alter(subscribes, (body) => push.redirect(body));
    }
    if (this.isOff) await this.context.setOffline(true);
    if (clockShiftMs !== undefined) await this.context.addInitScript(shiftClock, clockShiftMs);
    this.page = this.context.pages()[0] ?? (await this.context.newPage());
  }
  /** Swipes the app away; with a lasting phone the browser itself ends. */
  async closeBrowser(): Promise<void> {
    await this.context.close();
  }
  async closePage(): Promise<void> {
    await this.page.close();
  }
  async openPage(): Promise<void> {
    this.page = await this.context.newPage();
  }
  async throwAway(): Promise<void> {
    await this.context.close();
    await this.network.close();
    if (this.folder !== null) await rm(this.folder, { recursive: true, force: true });
  }

  /** The phone knows it has no signal, and the server is out of reach. */
  async offline(): Promise<void> {
    this.isOff = true;
    this.network.cut();
    await this.context.setOffline(true);
  }
  async online(): Promise<void> {
    this.isOff = false;
    this.network.restore();
    await this.context.setOffline(false);
  }
  /** The battery ran empty, or a child played with the settings. Until the next load of the page. */
  async jumpClock(byMs: number): Promise<void> {
    await this.page.evaluate((ms) => {
      (globalThis as unknown as { clockShiftMs: number }).clockShiftMs += ms;
    }, byMs);
  }
  async forgetCookie(): Promise<void> {
    await this.context.clearCookies();
  }

  /** Tells the service worker that the one notification shown was tapped. */
  async tapNotification(): Promise<void> {
    const [worker] = this.context.serviceWorkers();
    await worker?.evaluate(async () => {
      interface Worker {
        registration: ServiceWorkerRegistration;
        dispatchEvent: (event: Event) => boolean;
        NotificationEvent: new (type: string, about: { notification: Notification }) => Event;
      }
      const scope = globalThis as unknown as Worker;
      const [notification] = await scope.registration.getNotifications();
      if (notification === undefined) throw new Error('no notification is shown');
      scope.dispatchEvent(new scope.NotificationEvent('notificationclick', { notification }));
    });
  }

  async tap(what: Locator): Promise<void> {
    this.taps += 1;
    await (this.options.hasTouch === false ? what.click() : what.tap());
  }
  button(name: string | RegExp, within: Page | Locator = this.page): Locator {
    return within.getByRole('button', { name, exact: typeof name === 'string' });
  }
  heading(name: string | RegExp): Locator {
    return this.page.getByRole('heading', { level: 1, name });
  }
  toast(text: string | RegExp): Locator {
    return this.page.getByRole('status', { name: 'Thông báo' }).getByText(text);
  }
  /** A sheet, by its title. */
  sheet(title: string): Locator {
    return this.page.getByRole('dialog', { name: title });
  }

  async signIn(person: Pick<Person, 'login' | 'secret'>): Promise<void> {
    await this.page.goto('/dang-nhap');
    await this.fillSignIn(person);
  }
  async fillSignIn(person: Pick<Person, 'login' | 'secret'>): Promise<void> {
    await this.page.getByLabel('Tên đăng nhập').fill(person.login);
    await this.page.getByLabel('Mã PIN hoặc mật khẩu').fill(person.secret);
    await this.button('Đăng nhập').click();
    await this.ready();
  }
  /** When several people share the phone: who, then their PIN. */
  async choosePerson(name: RegExp, secret: string): Promise<void> {
    await expect(this.heading('Ai đang cầm máy?')).toBeVisible();
    await this.button(name).click();
    await this.page.getByLabel(/^Mã PIN của/).fill(secret);
    await this.button('Đăng nhập').click();
  }
  /** Signed in, the registers are on the phone, and the app itself is, too. */
  async ready(): Promise<void> {
    await expect(this.heading(/^(Chào|Tiến độ)/)).toBeVisible();
    await expect.poll(() => this.count('services')).toBeGreaterThan(0);
    // It copies the whole app first, which takes a crowded machine longer than any tap.
    await this.page.waitForFunction(() => navigator.serviceWorker.controller !== null, undefined, {
      timeout: 90_000,
    });
  }

  /** The commonest way to record: choose the service, done. */
  async record(service: string): Promise<void> {
    await this.tap(this.page.getByRole('link', { name: /^Ghi lượt hỗ trợ/ }));
    await this.tap(this.tile(service));
    await this.tap(this.button('Xong'));
    await expect(this.toast(/^Đã ghi: /)).toBeVisible();
  }
  /** What the resident agreed to tell, in the open sheet of details. */
  async identify({ number, given }: { number: string; given: string }): Promise<void> {
    await this.tap(this.button('Ghi danh tính để tính đúng một người'));
    const sheet = this.sheet('Xin sự đồng ý');
    await sheet.getByLabel('Để tính đúng một người, không trùng').check();
    await sheet.getByLabel('Nghe đọc và nói đồng ý').check();
    await sheet.getByLabel('Số điện thoại di động').fill(number);
    await sheet.getByRole('textbox', { name: 'Tên gọi' }).fill(given);
    await this.tap(this.button('Dùng danh tính này', sheet));
    await expect(this.page.getByText(/^Đã có sự đồng ý/)).toBeVisible();
  }
  tile(service: string): Locator {
    return this.page.getByRole('main').getByRole('button', { name: service, exact: true });
  }
  /** A section of the app: at the foot of the screen, or behind "more", because only four fit side by side. */
  async openMore(name: string): Promise<void> {
    const atFoot = this.page.locator('nav.bottom').getByRole('link', { name, exact: true });
    if (await atFoot.isVisible()) return await atFoot.tap();
    await this.button('Thêm').tap();
    await this.sheet('Thêm').getByRole('link', { name }).tap();
  }
  /** By the phone's own back button. */
  async home(): Promise<void> {
    await this.page.goBack();
    await expect(this.heading(/^Chào/)).toBeVisible();
  }
  /** The three honest counts of the home screen. */
  async expectCounts({
    phone,
    received,
    counted,
  }: {
    phone: number;
    received: number;
    counted: number;
  }): Promise<void> {
    const list = this.page.getByLabel('Lượt hỗ trợ đã ghi');
    await expect(list.getByRole('definition')).toHaveText([phone, received, counted].map(String));
  }

  async facts(): Promise<FactOnPhone[]> {
    return (await this.rows('facts')) as FactOnPhone[];
  }
  async count(table: string): Promise<number> {
    return (await this.rows(table)).length;
  }
  async rows(table: string): Promise<unknown[]> {
    return this.page.evaluate(
      (name) =>
        new Promise<unknown[]>((resolve, reject) => {
          const opening = indexedDB.open('causo');
          opening.onerror = () => reject(opening.error as Error);
          opening.onsuccess = () => {
            const db = opening.result;
            if (!db.objectStoreNames.contains(name)) {
              db.close();
              resolve([]);
              return;
            }
            const all = db.transaction(name).objectStore(name).getAll();
            all.onsuccess = () => {
              db.close();
              resolve(all.result as unknown[]);
            };
          };
        }),
      table,
    );
  }
}
