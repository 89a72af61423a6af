const rules: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  // Terminal colours.
  [/\u001b\[[0-9;]*m/g, ''],
  // Postgres: Key (email)=(ada@example.com) already exists. Failing row contains (1, ada@example.com).
  [/\bKey \(([^)]*)\)=\(.*?\)(?=\s|\.|,|$)/g, 'Key ($1)=(...)'],
  [/\bFailing row contains \(.*\)/g, 'Failing row contains (...)'],
  // Postgres: invalid input syntax for type integer: "x"; COPY t, line 3, column c: "x"
  [/(: )"[^"]*"\s*$/gm, '$1"..."'],
  // DuckDB: Duplicate key "email: ada@example.com" violates
  [/\bDuplicate key "([^":]*):? ?[^"]*"/gi, 'Duplicate key "$1: ..."'],
  // DuckDB: Casting value "1000" to type DECIMAL(3,2) failed; Type INT64 with value 1000 can't be cast
  [/\bvalue (?:"[^"]*"|-?\d[\d.eE+-]*)/g, 'value ...'],
  [/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, '...@...'],
]

/** DuckDB: Could not convert string 'x' to INT32, and every other literal in quotes. */
const literal = /'(?:[^'\n]|'')*'/g

/**
 * A message of another program without what may be a value of a row: quoted literals, keys, e-mail addresses.
 * Names in double quotes stay, since they are code: tables and columns. So does all in quotes with `literals`, for
 * messages of programs that had not looked at data yet.
 */
export function withoutValues(
  text: string,
  options: { readonly lines?: number; readonly length?: number; readonly literals?: boolean } = {},
): string {
  const { lines = 6, length = 1_000, literals = false } = options
  const ruled = rules.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), text)
  const clean = literals ? ruled : ruled.replace(literal, "'...'")
  const kept = clean
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== '')
    .slice(0, lines)
    .join('\n')
  return kept.length > length ? `${kept.slice(0, length - 3)}...` : kept
}
