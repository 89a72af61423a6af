import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'

const candidates = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/opt/google/chrome/chrome',
]

/** Where a browser is: CHROMIUM_PATH, else one of the usual places. */
export function findBrowser(): string | undefined {
  return [process.env['CHROMIUM_PATH'], ...candidates].find((path) => path !== undefined && existsSync(path))
}

export function launchBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      // As root Chromium starts only without its sandbox; it opens nothing but this machine's own page.
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}
