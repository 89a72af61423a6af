import { join } from 'node:path'
import { isTraitlineError, TraitlineError, type AssetKey } from '../../orchestrator/contract/index.ts'
import type { LineageQueries, ParsedQuery } from '../../orchestrator/graph/index.ts'
import { packageRoot, startOwned, type ProcessEnd } from '../../orchestrator/process/index.ts'
import type { Dialect } from '../../orchestrator/sql/index.ts'

export interface ParserOptions {
  /** Python of the locked environment, which has sqlglot. */
  readonly pythonExecutable: string
  readonly dialect: Dialect
  /** Default 180 s: a thousand models take about six. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/**
 * Parses queries with sqlglot, all of them in one process. A query that cannot be parsed answers why; of what a
 * time-out cut off there is no answer. Throws LINEAGE_PARSER_FAILED if the process itself does not work.
 */
export async function parseQueries(asked: LineageQueries, options: ParserOptions): Promise<ParsedQuery[]> {
  if (asked.queries.length === 0) return []
  const wanted = new Set<AssetKey>(asked.queries.map(({ id }) => id))
  const answers: ParsedQuery[] = []
  let said = ''
  let timedOut = false
  let end: ProcessEnd | null = null
  try {
    const script = join(packageRoot(), 'activities/python/traitline_lineage/column_lineage.py')
    const child = await startOwned(options.pythonExecutable, ['-B', script], {
      // Nothing of the environment is of use to it.
      env: { PYTHONIOENCODING: 'utf-8', PYTHONNOUSERSITE: '1' },
      stdin: 'pipe',
      timeoutMs: options.timeoutMs ?? 180_000,
      signal: options.signal,
      onStdoutLine: (line) => {
        const answer = answerOf(line, wanted)
        if (answer !== null) answers.push(answer)
      },
      onStderrLine: (line) => (said = line === '' ? said : line),
    })
    child.stdin?.end(JSON.stringify({ dialect: options.dialect, ...asked }))
    end = await child.done
  } catch (error) {
    timedOut = isTraitlineError(error) && error.code === 'PROCESS_TIMEOUT'
    if (!timedOut) throw failed(error instanceof Error ? error.message : 'it could not be started', error)
  }
  options.signal?.throwIfAborted()
  // Its last words name a fault of Python's, such as a module that is missing; queries are in none of them.
  if (end !== null && end.code !== 0)
    throw failed(`it left with ${end.signal ?? `code ${end.code}`}: ${kindOfError(said)}`)
  return answers
}

function answerOf(line: string, wanted: ReadonlySet<AssetKey>): ParsedQuery | null {
  try {
    const answer = JSON.parse(line) as ParsedQuery
    return wanted.has(answer.id) ? answer : null
  } catch {
    return null
  }
}

/** `ModuleNotFoundError: No module named 'sqlglot'`; of other errors their kind alone. */
function kindOfError(line: string): string {
  return /^ModuleNotFoundError: [^\n]{1,200}$/.test(line) ? line : (/^\w+/.exec(line)?.[0] ?? 'it said nothing')
}

function failed(reason: string, cause?: unknown): TraitlineError {
  return new TraitlineError({
    code: 'LINEAGE_PARSER_FAILED',
    message: `SQL could not be parsed for column lineage: ${reason}`,
    hint: 'Let `traitline dev` make the Python environment again: remove its folder, or correct TRAITLINE_PYTHON_ENV.',
    blame: 'config',
    cause,
  })
}
