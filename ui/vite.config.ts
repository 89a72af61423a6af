import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  root: at('.'),
  plugins: [react()],
  build: {
    outDir: at('../dist/ui'),
    emptyOutDir: true,
    // The page's own paths begin with /assets: hashed files need another prefix, which the server caches for good.
    assetsDir: 'static',
    target: 'es2022',
    modulePreload: { polyfill: false },
    // Inlined files would be data: addresses, which the content security policy refuses for scripts and styles.
    assetsInlineLimit: 0,
  },
  server: {
    // `npx vite --config ui/vite.config.ts` beside a running server.
    proxy: { '/api': 'http://127.0.0.1:4400' },
  },
})
