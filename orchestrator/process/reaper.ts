import { spawn, type ChildProcess } from 'node:child_process'

/**
 * A process that outlives this one for a moment: when our end of its input closes, even by SIGKILL, it ends every
 * process group that was registered. Inline, so that it starts quickly and needs no file.
 */
const script = `
const groups = new Set()
let rest = ''
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
process.on('SIGHUP', () => {})
process.stdin.setEncoding('utf8').on('data', (text) => {
  const lines = (rest + text).split('\\n')
  rest = lines.pop()
  for (const line of lines) line[0] === '+' ? groups.add(+line.slice(1)) : groups.delete(+line.slice(1))
})
const end = (signal) => { for (const group of groups) try { process.kill(-group, signal) } catch { groups.delete(group) } }
process.stdin.on('close', () => {
  end('SIGTERM')
  const started = Date.now()
  const timer = setInterval(() => {
    end(0)
    if (groups.size === 0) process.exit()
    if (Date.now() - started > 3000) { end('SIGKILL'); clearInterval(timer); process.exit() }
  }, 50)
})
`

let reaper: ChildProcess | undefined

function ensureReaper(): ChildProcess {
  if (reaper !== undefined && reaper.exitCode === null && reaper.signalCode === null) return reaper
  reaper = spawn(process.execPath, ['-e', script], { detached: true, stdio: ['pipe', 'ignore', 'ignore'], env: {} })
  reaper.on('error', () => undefined)
  reaper.stdin?.on('error', () => undefined)
  reaper.unref()
  ;(reaper.stdin as unknown as { unref?: () => void } | null)?.unref?.()
  return reaper
}

/** From now on the group dies with this process. Answers how to undo that. */
export function ownGroup(group: number): () => void {
  const owner = ensureReaper()
  owner.stdin?.write(`+${group}\n`)
  return () => {
    if (owner.stdin?.writable === true) owner.stdin.write(`-${group}\n`)
  }
}
