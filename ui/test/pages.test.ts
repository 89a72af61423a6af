import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serveApp, type ServedApp } from '../../orchestrator/main/server.ts'
import { packageRoot } from '../../orchestrator/process/index.ts'
import { openServerParts } from '../../test/recorded/open.ts'
import { playRun } from '../../test/recorded/record.ts'
import { shopManifest } from '../../test/recorded/shop.ts'
import { recordStory, storyRuns } from '../../test/recorded/story.ts'
import { violations } from './axe.ts'
import { findBrowser, launchBrowser } from './browser.ts'

const executable = findBrowser()
if (executable === undefined) {
  console.warn('The page is not tested: no Chromium was found. Install it (Debian: chromium) or set CHROMIUM_PATH.')
}

const places = {
  graph: '/graph',
  'graph-panel': '/graph?asset=audience%2Fat_risk',
  'graph-selection': `/graph?select=${encodeURIComponent('+sync/at_risk_to_slack')}`,
  assets: '/assets',
  'assets-filtered': '/assets?kind=trait&sort=rows&desc=true',
  'asset-source': '/assets/source/purchases',
  'asset-model': '/assets/model/shop/customers',
  'asset-notebook': '/assets/notebook/churn',
  'asset-trait-number': '/assets/trait/lifetime_value',
  'asset-trait-categories': '/assets/trait/value_tier',
  'asset-user-model': '/assets/user_model/customer',
  'asset-audience': '/assets/audience/loyal',
  'asset-sync-slack': '/assets/sync/at_risk_to_slack',
  'asset-sync-crm': '/assets/sync/at_risk_to_crm',
  runs: '/runs',
  'run-succeeded': `/runs/${storyRuns.first}`,
  'run-failed': `/runs/${storyRuns.failed}`,
  'run-asset': `/runs/${storyRuns.failed}?asset=${encodeURIComponent('notebook/churn')}`,
  'run-running': `/runs/${storyRuns.running}`,
  'run-fresh': `/runs/${storyRuns.fresh}?fresh=true`,
  revisions: '/revisions',
  'revision-first': '/revisions?revision=1',
  'no-asset': '/assets/trait/none',
  'no-page': '/nowhere',
} as const

const messages = Array.from({ length: 12 }, (_, at) => ({
  channel: '#retention',
  text: `Customer ${String(10_000 + at * 373)} has spent $${(1204.5 - at * 31).toFixed(2)} and may leave (${87 - at} %).`,
  ts: `${1_760_000_000 + at}.000100`,
}))

async function buildPage(outDir: string, mode: 'development' | 'production'): Promise<void> {
  const root = packageRoot()
  const vite = join(root, 'node_modules/vite/bin/vite.js')
  const args = [vite, 'build', '--config', join(root, 'ui/vite.config.ts'), '--outDir', outDir, '--logLevel', 'warn']
  await promisify(execFile)(process.execPath, args, { cwd: root, env: { ...process.env, NODE_ENV: mode } })
}

describe.skipIf(executable === undefined)('the page', () => {
  let folder: string
  let parts: Awaited<ReturnType<typeof openServerParts>>
  let served: ServedApp
  let browser: Browser
  const manifest = shopManifest({ second: true })

  beforeAll(async () => {
    folder = await mkdtemp('/var/tmp/traitline-ui-')
    // React's development build complains about what its production build hides.
    await buildPage(join(folder, 'development'), 'development')
    parts = await openServerParts()
    await recordStory(parts.options.store, parts.databaseUrl)
    served = await serveApp({
      ...parts.options,
      uiDir: join(folder, 'development'),
      messages: () => Promise.resolve(messages),
      workflowUrl: (id) => `http://127.0.0.1:8233/namespaces/default/workflows/${encodeURIComponent(id)}`,
    })
    browser = await launchBrowser(executable ?? '')
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await served?.close()
    await parts?.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** A tab that fails the test for whatever the browser complains about, and for each request to elsewhere. */
  async function openPage(
    options: Parameters<Browser['newPage']>[0] = {},
    from = served,
  ): Promise<{ page: Page; complaints: string[] }> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce', ...options })
    const complaints: string[] = []
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
    })
    page.on('request', (request) => {
      if (!request.url().startsWith(from.url) && !request.url().startsWith('data:')) complaints.push(request.url())
    })
    return { page, complaints }
  }

  /** There is a stream of events for as long as the page is open: the network is never idle. */
  async function visit(page: Page, path: string, from = served): Promise<void> {
    await page.goto(`${from.url}${path}`)
    await page.locator('h1, .note, .empty').first().waitFor()
    await page.locator('.skeleton').first().waitFor({ state: 'detached' })
    await page.locator('.live-live').waitFor({ state: 'attached' })
  }

  describe.each([
    { colorScheme: 'light', width: 1280, rules: undefined },
    // What a colour or a width can break; the rest is the same page.
    { colorScheme: 'dark', width: 768, rules: ['color-contrast', 'target-size', 'scrollable-region-focusable'] },
  ] as const)('in $colorScheme, $width wide', ({ colorScheme, width, rules }) => {
    let page: Page
    let complaints: string[]
    beforeAll(async () => {
      ;({ page, complaints } = await openPage({ colorScheme, viewport: { width, height: 800 } }))
    })
    afterAll(() => page.close())

    test.each(Object.entries(places))('%s renders without complaint, accessible', async (name, path) => {
      complaints.length = 0
      await visit(page, path)
      expect(await page.title()).toContain('Traitline')
      expect(await violations(page, rules)).toEqual([])
      const overflow = await page.evaluate(`(() => {
        const main = document.querySelector('.main')
        return main.scrollWidth - main.clientWidth
      })()`)
      expect(overflow, `wider than ${width} px`).toBe(0)
      // A place that is not there answers 404, which browsers mention.
      expect(complaints.filter((text) => !(name === 'no-asset' && text.includes('404')))).toEqual([])
    })
  })

  const shots = process.env['TRAITLINE_SCREENSHOTS']
  test.skipIf(shots === undefined)('screenshots', { timeout: 300_000 }, async () => {
    await mkdir(shots ?? '', { recursive: true })
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const width of [1280, 768]) {
        const { page } = await openPage({ colorScheme, viewport: { width, height: 800 } })
        for (const [name, path] of Object.entries(places)) {
          await visit(page, path)
          await page.waitForTimeout(250)
          await page.screenshot({ path: join(shots ?? '', `${name}-${width}-${colorScheme}.png`) })
          // The page scrolls inside itself: as high as all of it, the whole is seen.
          const height = (await page.evaluate(`document.querySelector('.main').scrollHeight`)) as number
          if (height > 820) {
            await page.setViewportSize({ width, height: Math.min(height + 40, 2600) })
            await page.screenshot({ path: join(shots ?? '', `${name}-${width}-${colorScheme}-whole.png`) })
            await page.setViewportSize({ width, height: 800 })
          }
        }
        await page.close()
      }
    }
  })

  test('what the first page loads is small', async () => {
    const production = join(folder, 'production')
    await buildPage(production, 'production')
    const small = await serveApp({ ...parts.options, uiDir: production })
    const { page, complaints } = await openPage({}, small)
    const loaded = new Set<string>()
    page.on('response', (response) => {
      if (response.url().includes('/static/')) loaded.add(new URL(response.url()).pathname)
    })
    await visit(page, '/graph', small)
    await page.locator('.node').first().waitFor()
    let size = 0
    for (const path of loaded) size += gzipSync(await readFile(join(production, path))).length
    const files = (await readdir(join(production, 'static'))).length
    console.log(`first load: ${(size / 1024).toFixed(0)} KiB gzipped, ${loaded.size} of ${files} files`)
    expect(size).toBeLessThan(170 * 1024)
    expect(complaints).toEqual([])
    await page.close()
    await small.close()
  })

  test('the graph is walked with the keyboard, and an asset opened from it', async () => {
    const { page } = await openPage()
    await visit(page, '/graph')
    await page.getByRole('link', { name: /^Source purchases/ }).focus()
    await page.keyboard.press('ArrowRight')
    const first = await page.evaluate('document.activeElement.title')
    expect(first).toMatch(/^(model\/shop\/stg_purchases|notebook\/churn|trait\/repeat_buyer)/)
    await page.keyboard.press('Enter')
    await page.locator('.panel h2').waitFor()
    expect(page.url()).toContain('asset=')
    await page.getByRole('link', { name: 'Open', exact: true }).click()
    await page.waitForURL(/\/assets\//)
    await page.getByRole('heading', { name: 'Definition' }).waitFor()
    await page.close()
  })

  test('filters are in the address, and come back from it', async () => {
    const { page } = await openPage()
    await visit(page, '/assets')
    expect(await page.locator('tbody tr').count()).toBe(manifest.assets.length)
    await page.getByRole('button', { name: /Traits/ }).click()
    await page.getByRole('searchbox', { name: 'Find in the table' }).fill('churn')
    await page.waitForURL(/kind=trait.*q=churn/)
    await expect.poll(() => page.locator('tbody tr').count()).toBe(2)
    await page.reload()
    await expect.poll(() => page.locator('tbody tr').count()).toBe(2)
    const selection = page.getByRole('textbox', { name: 'Selection of assets' })
    await page.keyboard.press('/')
    await selection.fill('nonsense:x')
    await selection.press('Enter')
    await page.getByRole('alert').waitFor()
    expect(await page.getByRole('alert').textContent()).toContain('nonsense')
    await page.close()
  })

  test('a run is started, watched, and ends without a reload', async () => {
    const { page } = await openPage()
    await visit(page, '/assets/trait/orders')
    await page.getByRole('button', { name: 'Materialise' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('1 asset; those that are fresh').waitFor()
    expect(await violations(page)).toEqual([])
    await dialog.getByLabel('Force').check()
    await dialog.getByRole('button', { name: 'Start the run' }).click()
    await page.waitForURL(/\/runs\/[0-9a-f-]{36}/)
    await page.getByText('Being planned').waitFor()
    // No worker listens here: what it would have done is recorded, and the page hears of it.
    const run = page.url().split('/').at(-1) ?? ''
    await playRun(parts.options.store, {
      run,
      revision: 2,
      manifest,
      selection: 'trait/orders',
      targets: ['trait/orders'],
      force: true,
    })
    await page.locator('h1 .status', { hasText: 'Succeeded' }).waitFor()
    await page.locator('.timeline-row', { hasText: 'orders' }).waitFor()
    await page.close()
  })

  test('a log is read', async () => {
    const { page } = await openPage()
    await visit(page, `/runs/${storyRuns.failed}`)
    await page.locator('.timeline-row', { hasText: 'churn' }).first().click()
    await page.getByRole('log').getByText('Running step').waitFor()
    expect(page.url()).toContain('asset=')
    await page.close()
  })

  test('without a stream the page asks by itself, and catches up', async () => {
    const { page } = await openPage()
    await page.route('**/api/v1/events*', (route) => route.abort())
    await page.goto(`${served.url}/runs`)
    await page.locator('.live-polling').waitFor({ state: 'attached' })
    const before = await page.locator('tbody tr').count()
    await playRun(parts.options.store, {
      run: '01980000-0009-7000-8000-00000000f00d',
      revision: 2,
      manifest,
      selection: 'trait/orders',
      targets: ['trait/orders'],
    })
    await page.locator('tbody tr').nth(before).waitFor({ timeout: 10_000 })
    await page.close()
  })

  test('a token is asked for once', async () => {
    const guarded = await serveApp({ ...parts.options, uiDir: join(folder, 'development'), apiToken: 'a-long-token' })
    try {
      const page = await browser.newPage()
      await page.goto(`${guarded.url}/assets`)
      await page.getByLabel('API token').fill('wrong')
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('alert').waitFor()
      expect(await violations(page)).toEqual([])
      await page.getByLabel('API token').fill('a-long-token')
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.locator('tbody tr').first().waitFor()
      await page.reload()
      await page.locator('tbody tr').first().waitFor()
      await page.close()
    } finally {
      await guarded.close()
    }
  })
})
