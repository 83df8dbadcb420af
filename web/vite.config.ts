import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { VitePWA } from 'vite-plugin-pwa';
import { defineConfig } from 'vitest/config';

const { version } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8')) as {
  version: string;
};

type Look = (id: string) => { isEntry: boolean; importers: readonly string[] } | null;
/** Whether a module is part of what the page names before its first screen. */
function isFirst(id: string, look: Look): boolean {
  const above = new Set([id]);
  for (const one of above) {
    const info = look(one);
    if (info?.isEntry === true) return true;
    info?.importers.forEach((importer) => above.add(importer));
  }
  return false;
}
/** On a long line, asking for many little files takes longer than fetching one; browsers ask for six at a time. */
function chunkOf(id: string, look: Look): string | null {
  if (isFirst(id, look)) return 'first';
  if (id.includes('svelte&type=style')) return 'screens';
  return id.includes('/src/ui/') ? 'ui' : null;
}

export default defineConfig(({ mode }) => ({
  define: { __APP_VERSION__: JSON.stringify(version) },
  resolve: {
    alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) },
    // Vitest would otherwise take Svelte's server build, which has no runes at run time.
    ...(mode === 'test' ? { conditions: ['browser'] } : {}),
  },
  plugins: [
    svelte(),
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'src',
      filename: 'sw.js',
      injectRegister: false,
      registerType: 'prompt',
      manifest: {
        id: '/',
        name: 'Cầu Số',
        short_name: 'Cầu Số',
        description: 'Ghi lượt hỗ trợ chuyển đổi số, cả khi không có mạng.',
        lang: 'vi',
        start_url: '/',
        scope: '/',
        display: 'standalone',
        orientation: 'any',
        background_color: '#fbf8f2',
        theme_color: '#0b5f5a',
        categories: ['government', 'productivity'],
        icons: [
          { src: '/icons/icon-192.png', sizes: '192x192', type: 'image/png' },
          { src: '/icons/icon-512.png', sizes: '512x512', type: 'image/png' },
          { src: '/icons/maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
        ],
        shortcuts: [
          { name: 'Ghi lượt hỗ trợ', url: '/ghi', icons: [{ src: '/icons/icon-192.png', sizes: '192x192' }] },
        ],
      },
      injectManifest: {
        rollupFormat: 'iife',
        globPatterns: ['**/*.{js,css,html,woff2,svg,webmanifest}', 'icons/*.png'],
        // The browser keeps it with the worker that imports it.
        globIgnores: ['push.js'],
      },
    }),
  ],
  build: {
    target: 'es2022',
    cssTarget: ['chrome90', 'safari15.4', 'firefox100'],
    assetsInlineLimit: 0,
    modulePreload: {
      polyfill: false,
      // The list of what every screen is made of would be a third of the first script.
      resolveDependencies: (_, names, { hostType }) =>
        hostType === 'html' ? names : names.filter((name) => name.endsWith('.css')),
    },
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [
            { debugName: 'later', name: (id, graph) => chunkOf(id, (one) => graph.getModuleInfo(one)) },
          ],
        },
      },
    },
  },
  server: { port: 5173, proxy: { '/api': 'http://127.0.0.1:8080', '/xac-nhan': 'http://127.0.0.1:8080' } },
  test: {
    environment: 'happy-dom',
    setupFiles: ['./src/test-setup.ts'],
    include: ['src/**/*.test.ts'],
  },
}));
