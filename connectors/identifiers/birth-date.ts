/**
 * `YYYYMMDD` of `1997-02-16`, `19970216`, a time stamp, or of `2/16/1997` where only one reading is a date: the third of
 * April and the fourth of March look the same, so `4/3/1997` is refused.
 */
export function compactDate(value: string): string | null {
  const [year, month, day] = read(value) ?? []
  if (year === undefined || month === undefined || day === undefined) return null
  const date = new Date(Date.UTC(year, month - 1, day))
  if (year < 1900 || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null
  return date.toISOString().slice(0, 10).replaceAll('-', '')
}

export const birthYear = (value: string): string | null => compactDate(value)?.slice(0, 4) ?? null
export const birthMonth = (value: string): string | null => compactDate(value)?.slice(4, 6) ?? null
export const birthDay = (value: string): string | null => compactDate(value)?.slice(6, 8) ?? null

function read(value: string): readonly number[] | null {
  const iso = /^(\d{4})-?(\d{2})-?(\d{2})(?:$|[T ])/.exec(value)
  if (iso !== null) return iso.slice(1, 4).map(Number)
  const slashed = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(value)
  if (slashed === null) return null
  const [first = 0, second = 0, year = 0] = slashed.slice(1, 4).map(Number)
  if (first === second) return [year, first, second]
  if (first <= 12 && second <= 12) return null
  return second > 12 ? [year, first, second] : [year, second, first]
}
