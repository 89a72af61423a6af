import { expect, test } from 'vitest'
import { bar, progressLine } from './progress.ts'
import { printTable, type Column } from './table.ts'
import { createTerminal, widthOf } from './terminal.ts'
import { ago } from './words.ts'

function terminal(env: NodeJS.ProcessEnv, columns?: number) {
  const written: string[] = []
  const output = { isTTY: columns !== undefined, columns, write: (text: string) => written.push(text) }
  return { terminal: createTerminal(output as never, env), text: () => written.join('') }
}

interface Row {
  readonly key: string
  readonly status: string
  readonly rows: string
}
const columns: readonly Column<Row>[] = [
  { title: 'ASSET', text: ({ key }) => key, elastic: true },
  { title: 'STATUS', text: ({ status }) => status, paint: () => 'green' },
  { title: 'ROWS', text: ({ rows }) => rows, align: 'right' },
  { title: 'NEVER', text: () => '' },
]
const rows: readonly Row[] = [
  { key: 'trait/lifetime_value_of_everyone_who_ever_bought', status: 'materialized', rows: '1,234' },
  { key: 'audience/vip', status: 'never', rows: '' },
]

test('a table fits the terminal: what is elastic is cut, and a column of nothing is left out', () => {
  const { terminal: narrow, text } = terminal({ NO_COLOR: '1' }, 40)
  printTable(narrow, columns, rows)
  const lines = text().trimEnd().split('\n')
  expect(lines).toEqual([
    'ASSET                STATUS         ROWS',
    'trait/lifetime_val…  materialized  1,234',
    'audience/vip         never',
  ])
  expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(40)
})

test('in a pipe lines are whole, plain and without titles', () => {
  const { terminal: pipe, text } = terminal({})
  printTable(pipe, columns, rows)
  expect(text().split('\n')[0]).toBe('trait/lifetime_value_of_everyone_who_ever_bought  materialized  1,234')
  expect(text()).not.toContain('\u001b')
  const progress = progressLine(pipe)
  progress.show('1/2')
  progress.above(() => pipe.line('one'))
  progress.end()
  expect(text()).toMatch(/vip +never\none\n$/)
})

test('colours are for terminals, unless somebody says otherwise', () => {
  expect(terminal({}, 80).terminal.paint('red', 'x')).toBe('\u001b[31mx\u001b[0m')
  for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }, { NO_COLOR: '1', FORCE_COLOR: '1' }]) {
    expect(terminal(env, 80).terminal.paint('red', 'x')).toBe('x')
  }
  expect(terminal({}).terminal.paint('red', 'x')).toBe('x')
  expect(terminal({ FORCE_COLOR: '1' }).terminal.paint('red', 'x')).toContain('\u001b')
})

test('progress stays at the bottom and leaves nothing behind', () => {
  const { terminal: watched, text } = terminal({ NO_COLOR: '1' }, 30)
  const progress = progressLine(watched)
  progress.show(`${bar(1, 4)} a text that is too long for this`)
  progress.above(() => watched.line('done'))
  progress.end()
  const clear = '\r\u001b[2K'
  const parts = text().split(clear)
  expect(parts).toEqual(['', '[######------------------] 1…', 'done\n', '[######------------------] 1…', ''])
})

test('moments are told as a person would', () => {
  const now = Date.parse('2026-01-10T12:00:00Z')
  expect(['2026-01-10T11:59:30Z', '2026-01-10T10:00:00Z', '2026-01-01T00:00:00Z'].map((at) => ago(at, now))).toEqual([
    '30 s ago',
    '2 h ago',
    '2026-01-01',
  ])
})
