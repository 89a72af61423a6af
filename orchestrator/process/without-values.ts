const rules: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  // Postgres: Key (email)=(ada@example.com) already exists. Failing row contains (1, ada@example.com).
  [/\bKey \(([^)]*)\)=\(.*?\)(?=\s|\.|,|$)/g, 'Key ($1)=(...)'],
  [/\bFailing row contains \(.*\)/g, 'Failing row contains (...)'],
  // Postgres: invalid input syntax for type integer: "x"; COPY t, line 3, column c: "x"
  [/(: )"[^"]*"\s*$/g, '$1"..."'],
  // DuckDB: Duplicate key "email: ada@example.com" violates
  [/\bDuplicate key "([^":]*):? ?[^"]*"/gi, 'Duplicate key "$1: ..."'],
  // DuckDB: Casting value "1000" to type DECIMAL(3,2) failed; Type INT64 with value 1000 can't be cast
  [/\bvalue (?:"[^"]*"|-?\d[\d.eE+-]*)/g, 'value ...'],
  // DuckDB: Could not parse string "x" according to format specifier "%Y"
  [/\bstring "[^"]*"/g, 'string "..."'],
  [/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, '...@...'],
]

/** DuckDB: Could not convert string 'x' to INT32, and every other literal in quotes. */
const literal = /'(?:[^'\n]|'')*'/g
const quoted = /"(?:[^"\n]|"")*"/g

/** What engines say of code, in which names are in double quotes. */
const ofCode =
  /\b(?:Binder|Catalog|Parser|Compilation|Parsing|Dependency|Not implemented) Error\b|does not exist|not found|does not have|syntax error|ambiguous|must appear in|(?:not-null|unique|foreign key|check) constraint|violates unique|already exists/i

/**
 * What engines say of data. What follows may be a row's value in any shape, so that of the rest of the message only
 * the type of the column is told.
 */
const ofData = /\b((?:Conversion|Invalid Input|Out of Range|Mismatch Type|Invalid Type) Error)\b:?(.*)$/
const type =
  /(?:\bto (?:type )?'?|destination type )(U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER|8|16|32|64|128)?|DOUBLE|FLOAT|DECIMAL\([\d, ]+\)|BOOL(?:EAN)?|DATE|TIME(?:STAMP)?|JSON)\b/

/** Postgres' details of an error; what else they say than this is about values. */
const detail = /^\s*(?:DETAIL|CONTEXT|HINT):/
const safeDetail = /^\s*DETAIL:\s+(?:Key \(|Failing row contains)/

/** Where dbt's own words go on after an engine's. */
const ownWords = /^\s*(?:compiled code at|> in|> called by|in model|Done\b)/i

/**
 * A message of another program without what may be a value of a row: literals in quotes, keys, e-mail addresses, and
 * all that an engine says of data. Names in double quotes stay where the line speaks of code: tables and columns. So
 * does all in quotes with `literals`, for messages of programs that had not looked at data yet.
 */
export function withoutValues(
  text: string,
  options: { readonly lines?: number; readonly length?: number; readonly literals?: boolean } = {},
): string {
  const { lines = 6, length = 1_000, literals = false } = options
  const kept: string[] = []
  let data = false
  for (const each of text.replace(/\u001b\[[0-9;]*m/g, '').split('\n')) {
    const line = each.trimEnd()
    if (line.trim() === '') continue
    if (ownWords.test(line)) data = false
    if (data || (detail.test(line) && !safeDetail.test(line))) continue
    const engine = literals ? null : ofData.exec(line)
    data = engine !== null
    kept.push(engine === null ? lineWithoutValues(line, literals) : dataError(line, engine))
    if (kept.length === lines) break
  }
  const joined = kept.join('\n')
  return joined.length > length ? `${joined.slice(0, length - 3)}...` : joined
}

/** What a connector says, of which nothing is known: besides, objects, arrays and long numbers are left out. */
export function withoutRows(text: string): string {
  return text
    .split('\n')
    .map((line) =>
      lineWithoutValues(line, false)
        .replace(/\{.*[}"]|\[.*[\]"]/g, '{...}')
        .replace(/\d{6,}/g, '...'),
    )
    .join('\n')
}

function lineWithoutValues(line: string, literals: boolean): string {
  const ruled = rules.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), line)
  if (literals) return ruled
  const clean = ruled.replace(literal, "'...'")
  return ofCode.test(clean) ? clean : clean.replace(quoted, (text) => (text.includes(': ...') ? text : '"..."'))
}

function dataError(line: string, engine: RegExpExecArray): string {
  const before = line.slice(0, engine.index)
  const [, name, rest = ''] = engine
  const to = type.exec(rest)?.[1]
  return `${lineWithoutValues(before, false)}${name}: a value ${to === undefined ? 'did not fit' : `could not be converted to ${to}`}`
}
