import { describe, expect, it } from 'vitest';
import { matchRoute } from './router.svelte';
import { firstRoutes } from './first-routes';
import { laterRoutes } from './later-routes';

const routes = [...firstRoutes, ...laterRoutes];

describe('routes', () => {
  it('give each address one screen, and the parameters in it', () => {
    expect(matchRoute(routes, '/nhat-ky')?.route.title).toBe('nav.log');
    expect(matchRoute(routes, '/moi/abc%2F1')?.params).toEqual({ token: 'abc/1' });
    expect(matchRoute(routes, '/khong-co')).toBeNull();
  });
  it('never claim an address twice', () => {
    const shapes = routes.map(({ path }) => path.replace(/:\w+/g, ':'));
    expect(new Set(shapes).size).toBe(shapes.length);
  });
  it('load every screen they promise', async () => {
    for (const route of routes) expect((await route.load()).default).toBeTypeOf('function');
  }, 60_000);
});
