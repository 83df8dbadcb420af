/** The server's own word, asked over its interface by an officer: what the screens are compared with. */
import { expect, request, type APIRequestContext } from '@playwright/test';
import { PROVINCE_OFFICER, type Person } from './phone.ts';

export const CAMPAIGN = '0bd20240-0000-7000-8000-000000000000';
export const PROVINCE = '63-52';
export const INDICATORS = {
  payment_account: 'ind_payment_account_count',
  vneid: 'ind_vneid_activation_count',
} as const;

export interface FactView {
  id: string;
  happened_at: string;
  received_at: string;
  state: 'live' | 'superseded' | 'voided';
  actor: { id: string; name: string };
  counted_in: { indicator: string }[];
}
interface FactsPage {
  facts: FactView[];
  total: number;
}

export class Office {
  private constructor(private readonly api: APIRequestContext) {}

  static async open(serverUrl: string, person: Person = PROVINCE_OFFICER): Promise<Office> {
    const api = await request.newContext({
      baseURL: serverUrl,
      extraHTTPHeaders: { 'x-causo': '1', origin: serverUrl },
    });
    const office = new Office(api);
    const device_id = '01928000-0000-7000-8000-0000000000ff';
    await office.post('/session', { login: person.login, password: person.secret, device_id });
    return office;
  }

  async get<T>(path: string, params: Record<string, string> = {}): Promise<T> {
    const reply = await this.api.get(`/api/v1${path}`, { params });
    expect(reply.ok(), `GET ${path}: ${reply.status()} ${await reply.text()}`).toBe(true);
    return (await reply.json()) as T;
  }
  async post<T>(path: string, data?: unknown): Promise<T | null> {
    const reply = await this.api.post(`/api/v1${path}`, data === undefined ? {} : { data });
    expect(reply.ok(), `POST ${path}: ${reply.status()} ${await reply.text()}`).toBe(true);
    return reply.status() === 204 ? null : ((await reply.json()) as T);
  }
  async put<T>(path: string, data: unknown): Promise<T> {
    const reply = await this.api.put(`/api/v1${path}`, { data });
    expect(reply.ok(), `PUT ${path}: ${reply.status()} ${await reply.text()}`).toBe(true);
    return (await reply.json()) as T;
  }
  async close(): Promise<void> {
    await this.api.dispose();
  }

  async nowMs(): Promise<number> {
    return Date.parse((await this.get<{ server_time: string }>('/session')).server_time);
  }
  /** How many facts stand behind one indicator. */
  async total(indicator: string, place = PROVINCE): Promise<number> {
    return (await this.get<FactsPage>(`/campaigns/${CAMPAIGN}/facts`, { place, indicator })).total;
  }
  /** What an indicator says for a place. */
  async result(indicator: string, place = PROVINCE): Promise<number> {
    const page = await this.get<{ indicators: { indicator: { code: string }; result: number }[] }>(
      `/campaigns/${CAMPAIGN}/progress`,
      { place },
    );
    const row = page.indicators.find((one) => one.indicator.code === indicator);
    if (row === undefined) throw new Error(`no indicator ${indicator}`);
    return row.result;
  }
  fact(id: string): Promise<FactView> {
    return this.get<FactView>(`/facts/${id}`);
  }
  async has(id: string): Promise<boolean> {
    return (await this.api.get(`/api/v1/facts/${id}`)).status() === 200;
  }
  async memberId(login: string): Promise<string> {
    const page = await this.get<{ members: { id: string; login: string }[] }>('/members', { q: login });
    const found = page.members.find((one) => one.login === login);
    if (found === undefined) throw new Error(`no member ${login}`);
    return found.id;
  }
}
