import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { createProgram } from './program.ts'

/** They serve until they are stopped, hand out a script, or say nothing when all went well. */
const withoutData = [
  ...['dev', 'demo', 'worker', 'server', 'completion', 'complete'],
  ...['pools set', 'pools unset', 'schedules pause', 'schedules resume', 'schedules trigger', 'workers promote'],
]

/** Every command that does something itself, by the words that call it. */
function leaves(command: Command, words: readonly string[] = []): readonly (readonly [string, Command])[] {
  return command.commands.flatMap((each) => {
    const path = [...words, each.name()]
    return [...(each.commands.length > 0 ? [] : [[path.join(' '), each] as const]), ...leaves(each, path)]
  })
}

const program = createProgram({})

test('every command that prints data prints it as JSON too', () => {
  const told = leaves(program).filter(([path]) => !withoutData.includes(path))
  expect(told.length).toBeGreaterThan(35)
  const silent = told.filter(([, { options }]) => options.every(({ long }) => long !== '--json'))
  expect(silent.map(([path]) => path)).toEqual([])
  expect(withoutData.filter((path) => leaves(program).every(([each]) => each !== path))).toEqual([])
})

test('every command, argument and option says what it is', () => {
  const hidden = ['complete']
  const untold = leaves(program).flatMap(([path, command]) => [
    ...(command.description() === '' && !hidden.includes(path) ? [path] : []),
    ...command.options.filter(({ description }) => description === '').map(({ flags }) => `${path} ${flags}`),
  ])
  expect(untold).toEqual([])
})
