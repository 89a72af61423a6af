import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

export interface RunningProcess {
  readonly pid: number
  readonly parent: number
  readonly commandLine: string
}

/** Every process of this machine that is not a zombie. */
export async function processes(): Promise<RunningProcess[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axww', '-o', 'pid=,ppid=,stat=,args='], {
    maxBuffer: 16 * 1024 * 1024,
  })
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parent, state, commandLine] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? []
    if (pid === undefined || state?.startsWith('Z') === true) return []
    return [{ pid: Number(pid), parent: Number(parent), commandLine: commandLine ?? '' }]
  })
}

/** Children of a process, and theirs. */
export async function descendants(pid: number): Promise<RunningProcess[]> {
  const all = await processes()
  const found: RunningProcess[] = []
  const parents = new Set([pid])
  for (let before = -1; before < found.length;) {
    before = found.length
    for (const process of all) {
      if (!parents.has(process.parent) || parents.has(process.pid)) continue
      parents.add(process.pid)
      found.push(process)
    }
  }
  return found
}

/** The worker that a `traitline dev` or `demo` has at the moment. */
export async function workerOf(pid: number): Promise<number | undefined> {
  const children = (await processes()).filter(({ parent }) => parent === pid)
  return children.find(({ commandLine }) => /\bcli\.js worker\b/.test(commandLine))?.pid
}
