import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { configuredStream } from '../../test/harness/destination.ts'
import { tempDir } from '../../test/harness/temp.ts'
import type { ConnectorCommand } from './driver.ts'
import { openWrite, resolveConnector, runCheck, runSpec } from './index.ts'

const env = { PATH: process.env['PATH'] ?? '' }

test('a builtin destination is run by this Node', async () => {
  const command = await resolveConnector({ type: 'builtin', name: 'postgres' }, { home: await tempDir(), env })
  expect(command).toMatchObject({ command: process.execPath, name: 'destination-postgres' })
  const spec = await runSpec({ command, timeoutMs: 30_000 })
  expect(spec.connectionSpecification['properties']).toHaveProperty('schema')
})

test('an unknown builtin destination is told with those that there are', async () => {
  await expect(
    resolveConnector({ type: 'builtin', name: 'fax' }, { home: await tempDir(), env }),
  ).rejects.toMatchObject({
    code: 'CONNECTOR_NOT_FOUND',
    message: expect.stringMatching(/no builtin destination fax; there are: .*postgres/) as string,
  })
})

test('a command with a slash is relative to the project', async () => {
  const options = { home: await tempDir(), env, projectDir: '/somewhere/shop' }
  const relative = await resolveConnector({ type: 'command', command: ['./sink', 'a'] }, options)
  expect(relative).toMatchObject({ command: '/somewhere/shop/sink', args: ['a'] })
  expect(await resolveConnector({ type: 'command', command: ['sink'] }, options)).toMatchObject({ command: 'sink' })
})

/** A container engine that notes its arguments, reads the mounted files and speaks the protocol. */
const fakeEngine = `#!${process.execPath}
const fs = require('node:fs')
const args = process.argv.slice(2)
fs.appendFileSync(process.env.NOTES, JSON.stringify(args) + '\\n')
const say = (message) => fs.writeSync(1, JSON.stringify(message) + '\\n')
if (args[0] === 'kill') process.exit()
const host = args[args.indexOf('--volume') + 1].split(':')[0]
const operation = args[args.indexOf('acme/destination-sink:1.2') + 1]
if (operation === 'spec') say({ type: 'SPEC', spec: { connectionSpecification: { type: 'object' } } })
if (operation === 'check') {
  const config = JSON.parse(fs.readFileSync(host + '/config.json', 'utf8'))
  const modes = [host, host + '/..'].map((path) => (fs.statSync(path).mode & 0o777).toString(8))
  say({ type: 'CONNECTION_STATUS', connectionStatus: { status: 'SUCCEEDED', message: config.word + ' ' + modes } })
}
if (operation === 'write') {
  process.on('SIGTERM', () => {})
  setInterval(() => {}, 1000)
}
`

test('an image is run by the engine with its files mounted, by a name by which it is killed', async () => {
  const folder = await tempDir()
  const engine = join(folder, 'engine')
  const notes = join(folder, 'notes')
  await writeFile(engine, fakeEngine)
  await chmod(engine, 0o755)
  const command = await resolveConnector(
    { type: 'image', image: 'acme/destination-sink:1.2' },
    { home: folder, env: { ...env, NOTES: notes }, containerEngine: engine },
  )
  const status = await runCheck({ command, config: { word: 'hello' }, timeoutMs: 30_000 })
  // The container's user is another, so its files are open to it; what is around them is not.
  expect(status.message).toBe('hello 755,700')

  const controller = new AbortController()
  const session = await openWrite({
    command,
    config: {},
    catalog: { streams: [configuredStream('users', ['id'])] },
    onLog: () => undefined,
    idleTimeoutMs: 60_000,
    signal: controller.signal,
  })
  await expect.poll(() => readFile(notes, 'utf8'), { timeout: 10_000 }).toContain('"write"')
  controller.abort()
  await session.close()
  const calls = (await readFile(notes, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as string[])
  const write = calls.find((args) => args.includes('write')) ?? []
  const name = write[write.indexOf('--name') + 1] as string
  expect(write).toEqual([
    ...[
      'run',
      '--rm',
      '--interactive',
      '--name',
      name,
      '--volume',
      expect.stringMatching(/:\/traitline:ro$/) as string,
    ],
    ...[
      'acme/destination-sink:1.2',
      'write',
      '--config',
      '/traitline/config.json',
      '--catalog',
      '/traitline/catalog.json',
    ],
  ])
  expect(calls).toContainEqual(['kill', name])
})

test('an image without any engine is an error with the fix; an engine on the PATH is found', async () => {
  const folder = await tempDir()
  const ref = { type: 'image', image: 'acme/destination-sink:1.2' } as const
  await expect(resolveConnector(ref, { home: folder, env: { PATH: folder } })).rejects.toMatchObject({
    code: 'CONNECTOR_ENGINE_MISSING',
    blame: 'config',
    hint: expect.stringContaining('Install Docker or Podman') as string,
  })
  await writeFile(join(folder, 'podman'), fakeEngine, { mode: 0o755 })
  const found = await resolveConnector(ref, { home: folder, env: { PATH: `/nowhere:${folder}` } })
  expect(found).toMatchObject({ command: join(folder, 'podman'), image: ref.image })
})

describe('a package of npm', () => {
  const ref = { type: 'npm', package: '@acme/destination-sink', version: '1.2.3' } as const

  async function packed(version = '1.2.3'): Promise<{ home: string; npm: string; notes: () => Promise<string[]> }> {
    const home = await tempDir()
    const npm = join(home, 'npm')
    const notes = join(home, 'notes')
    await writeFile(npm, fakeNpm(notes, version), { mode: 0o755 })
    return { home, npm, notes: async () => (await readFile(notes, 'utf8')).trim().split('\n') }
  }

  test('is installed once, without scripts, and its program is run by this Node', async () => {
    const { home, npm, notes } = await packed()
    const options = { home, env, npmExecutable: npm }
    const commands = await Promise.all([1, 2, 3].map(() => resolveConnector(ref, options)))
    expect(new Set(commands.map(({ args }) => args[0])).size).toBe(1)
    expect(commands[0]).toMatchObject({ command: process.execPath, name: ref.package })
    expect(commands[0]?.args[0]).toMatch(
      /npm-@acme\+destination-sink-1\.2\.3\/env-\w+\/node_modules\/@acme\/destination-sink\/cli\.js$/,
    )
    expect(await notes()).toEqual([
      expect.stringMatching(/^install --ignore-scripts .*@acme\/destination-sink@1\.2\.3$/),
    ])
    expect(await runSpec({ command: commands[0] as ConnectorCommand, timeoutMs: 60_000 })).toMatchObject({
      connectionSpecification: {},
    })
  })

  test('that is not there says what npm said, and a range is no version', async () => {
    const { home, npm } = await packed('9.9.9')
    const options = { home, env, npmExecutable: npm }
    await expect(resolveConnector(ref, options)).rejects.toMatchObject({
      code: 'CONNECTOR_INSTALL_FAILED',
      message: expect.stringContaining('No matching version') as string,
      hint: expect.stringContaining('name and version') as string,
    })
    for (const version of ['^1.2.3', 'latest', '1.2.3/../x']) {
      await expect(resolveConnector({ ...ref, version }, options)).rejects.toMatchObject({
        code: 'CONNECTOR_INSTALL_FAILED',
        hint: expect.stringContaining('name@1.2.3') as string,
      })
    }
  })
})

/** An npm that knows one package, in one version. */
function fakeNpm(notes: string, version: string): string {
  return `#!${process.execPath}
const fs = require('node:fs')
const path = require('node:path')
const args = process.argv.slice(2)
fs.appendFileSync(${JSON.stringify(notes)}, args.join(' ') + '\\n')
const wanted = args.at(-1)
const name = wanted.slice(0, wanted.lastIndexOf('@'))
if (!wanted.endsWith('@${version}')) { console.error('npm error ETARGET No matching version found'); process.exit(1) }
const root = path.join(args[args.indexOf('--prefix') + 1], 'node_modules', name)
fs.mkdirSync(root, { recursive: true })
fs.writeFileSync(path.join(root, 'package.json'), JSON.stringify({ name, bin: { tool: 'tool.js', 'destination-sink': 'cli.js' } }))
fs.writeFileSync(path.join(root, 'cli.js'), 'console.log(JSON.stringify({ type: "SPEC", spec: { connectionSpecification: {} } }))')
`
}

describe('a package of PyPI', () => {
  const ref = { type: 'pypi', package: 'airbyte-destination-sink', version: '1.0' } as const

  /** A Python that makes an "environment" out of itself and installs what it is told to. */
  const fakePython = `#!${process.execPath}
const fs = require('node:fs')
const path = require('node:path')
const args = process.argv.slice(2)
fs.appendFileSync(process.env.NOTES, args.slice(0, 3).join(' ') + '\\n')
if (args[1] === 'venv') {
  const bin = path.join(args[2], 'bin')
  fs.mkdirSync(bin, { recursive: true })
  fs.copyFileSync(__filename, path.join(bin, 'python'))
}
if (args[1] === 'pip') {
  if (process.env.FAIL) { console.error('ERROR: No matching distribution found'); process.exit(1) }
  setTimeout(() => {
    fs.writeFileSync(path.join(path.dirname(__filename), 'airbyte-destination-sink'), '#!/bin/sh', { mode: 0o755 })
  }, 300)
}
if (args[0] === '-c') console.log(JSON.stringify(['sink-tools', 'airbyte-destination-sink']))
`

  async function prepare(): Promise<{
    options: Parameters<typeof resolveConnector>[1]
    notes: () => Promise<string[]>
  }> {
    const home = await tempDir()
    const python = join(home, 'python')
    await writeFile(python, fakePython)
    await chmod(python, 0o755)
    const notes = join(home, 'notes')
    return {
      options: { home, env: { ...env, NOTES: notes }, pythonExecutable: python },
      notes: async () => (await readFile(notes, 'utf8')).trim().split('\n'),
    }
  }

  test('is installed once, however many ask, and its own program is found', async () => {
    const { options, notes } = await prepare()
    const progress: string[] = []
    const commands = await Promise.all(
      [1, 2, 3].map(() => resolveConnector(ref, { ...options, onProgress: (line) => progress.push(line) })),
    )
    expect(new Set(commands.map(({ command }) => command)).size).toBe(1)
    expect(commands[0]?.command).toMatch(
      /connectors\/airbyte-destination-sink-1\.0\/env-\w+\/bin\/airbyte-destination-sink$/,
    )
    expect((await notes()).filter((line) => line.includes('venv'))).toHaveLength(1)
    expect(progress).toContain('installing airbyte-destination-sink 1.0 from PyPI')
  })

  test('is installed anew when the attempt before was cut off, its lock left by a process that died', async () => {
    const { options } = await prepare()
    const folder = join(options.home, 'connectors/airbyte-destination-sink-1.0')
    await mkdir(join(folder, 'env-half/bin'), { recursive: true })
    await writeFile(`${folder}.lock`, '999999999')
    await resolveConnector(ref, options)
    expect((await readdir(folder)).filter((name) => name.startsWith('env-'))).not.toContain('env-half')
    await expect(readFile(`${folder}.lock`)).rejects.toThrow('ENOENT')
  })

  test('is installed anew when the Python behind its environment has gone', async () => {
    const { options } = await prepare()
    const before = await resolveConnector(ref, options)
    await rm(join(before.command, '../python'))
    expect((await resolveConnector(ref, options)).command).not.toBe(before.command)
  })

  test('that cannot be had says what pip said', async () => {
    const { options } = await prepare()
    await expect(resolveConnector(ref, { ...options, env: { ...options.env, FAIL: '1' } })).rejects.toMatchObject({
      code: 'CONNECTOR_INSTALL_FAILED',
      message: expect.stringContaining('No matching distribution found') as string,
      hint: expect.stringContaining('name and version') as string,
    })
  })

  test('without a Python, and with a name that is none', async () => {
    const { options } = await prepare()
    await expect(resolveConnector(ref, { ...options, pythonExecutable: '/nowhere/python' })).rejects.toMatchObject({
      code: 'CONNECTOR_INSTALL_FAILED',
      hint: expect.stringContaining('Install Python') as string,
    })
    await expect(resolveConnector({ ...ref, package: '../x' }, options)).rejects.toMatchObject({
      code: 'CONNECTOR_INSTALL_FAILED',
    })
  })
})
