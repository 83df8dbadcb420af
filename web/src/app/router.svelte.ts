/** Real URLs on the History API: links are plain <a href>, the back button works, and screens arrive when asked for. */
import { tick, type Component } from 'svelte';
import type { Key } from '@/i18n/keys';

export type Params = Record<string, string>;
/** A screen takes the parameters of its address, or nothing at all. */
export type Page = Component<{ params: Params }>;
export interface Route {
  /** `/huong-dan/:code`; a segment with a colon is a parameter. */
  path: string;
  title: Key;
  /** The feature whose words the screen uses. */
  words: string;
  load: () => Promise<{ default: Page | Component<Record<string, never>> }>;
  /** Open to someone who is not signed in. */
  open?: true;
  /** One task fills the screen: the bottom navigation steps aside. */
  focused?: true;
}
export interface Match {
  route: Route;
  params: Params;
}

export function matchRoute(routes: Route[], pathname: string): Match | null {
  const asked = pathname.split('/').filter(Boolean);
  for (const route of routes) {
    const parts = route.path.split('/').filter(Boolean);
    if (parts.length !== asked.length) continue;
    const params: Params = {};
    const fits = parts.every((part, at) => {
      const given = asked[at] ?? '';
      if (!part.startsWith(':')) return part === given;
      params[part.slice(1)] = decodeURIComponent(given);
      return true;
    });
    if (fits) return { route, params };
  }
  return null;
}

export class Router {
  path = $state('/');
  query = $state.raw(new URLSearchParams());

  start(): void {
    this.#read();
    window.addEventListener('popstate', () => this.#read());
    document.addEventListener('click', (event) => this.#take(event));
  }
  go(to: string, how: 'push' | 'replace' = 'push'): void {
    history[how === 'push' ? 'pushState' : 'replaceState']({ inside: true }, '', to);
    this.#read();
    window.scrollTo(0, 0);
  }
  /** Back to where the person came from; to `fallback` when they arrived by a link from outside. */
  back(fallback: string): void {
    if ((history.state as { inside?: boolean } | null)?.inside === true) history.back();
    else this.go(fallback, 'replace');
  }
  /** Puts the reading position at the top of a new screen, where a screen reader will announce its heading. */
  async arrive(title: string): Promise<void> {
    document.title = title;
    await tick();
    // With the frame that shows it: focus needs the layout, and a second one would cost a slow phone a tenth of a second.
    requestAnimationFrame(() =>
      document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true }),
    );
  }
  #read(): void {
    this.path = location.pathname;
    this.query = new URLSearchParams(location.search);
  }
  #take(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey)
      return;
    const link = (event.target as Element).closest('a');
    if (link === null || link.target !== '' || link.hasAttribute('download')) return;
    if (
      link.origin !== location.origin ||
      link.pathname.startsWith('/api/') ||
      link.getAttribute('href')?.startsWith('#')
    )
      return;
    event.preventDefault();
    this.go(link.pathname + link.search);
  }
}
