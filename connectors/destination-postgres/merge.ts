import pg from 'pg'
import { qualified, type TableOperation, type Target } from './table.ts'

const quote = pg.escapeIdentifier

/**
 * The statement that brings rows from the stage, those with ordinals from $1 to $2, to the table. Its result lists the
 * ordinals of rows that were left out on purpose.
 */
export type Merge = (target: Target, stage: string, options: { readonly distinct: boolean }) => string

interface Names {
  readonly table: string
  readonly columns: string
  /** The stage's columns in the same order. */
  readonly staged: string
  readonly keys: string
  readonly stagedKeys: string
  readonly sameKey: string
}

function names(target: Target): Names {
  const staged = (name: string): string => `c${target.columns.findIndex((column) => column.name === name)}`
  return {
    table: qualified(target),
    columns: target.columns.map(({ name }) => quote(name)).join(', '),
    staged: target.columns.map((_, index) => `c${index}`).join(', '),
    keys: target.keys.map(quote).join(', '),
    stagedKeys: target.keys.map(staged).join(', '),
    sameKey: target.keys.map((name) => `t.${quote(name)} = s.${staged(name)}`).join(' and '),
  }
}

function assignments(target: Target, source: (name: string, index: number) => string): string[] {
  return target.columns.flatMap(({ name }, index) =>
    target.keys.includes(name) ? [] : [`${quote(name)} = ${source(name, index)}`],
  )
}

/** The rows in question; of several with one key only the last, or the first. */
function picked(stage: string, keys: string, pick: 'last' | 'first' | 'all'): string {
  const range = `from ${stage} where ordinal between $1 and $2`
  if (pick === 'all') return `select * ${range}`
  return `select distinct on (${keys}) * ${range} order by ${keys}, ordinal ${pick === 'last' ? 'desc' : 'asc'}`
}

/** One entry an operation. */
export const merges: Readonly<Record<TableOperation, Merge>> = {
  append: (target, stage) => {
    const { table, columns, staged } = names(target)
    return `insert into ${table} (${columns}) select ${staged} from ${stage} where ordinal between $1 and $2 order by ordinal`
  },

  upsert: (target, stage, { distinct }) => {
    const { table, columns, staged, keys, stagedKeys } = names(target)
    const set = assignments(target, (name) => `excluded.${quote(name)}`)
    const action = set.length === 0 ? 'do nothing' : `do update set ${set.join(', ')}`
    const rows = picked(stage, stagedKeys, distinct ? 'last' : 'all')
    return `insert into ${table} (${columns}) select ${staged} from (${rows}) s on conflict (${keys}) ${action}`
  },

  insert: (target, stage) => {
    const { table, columns, staged, keys, stagedKeys } = names(target)
    if (target.keys.length === 0) return merges.append(target, stage, { distinct: false })
    return `with picked as (${picked(stage, stagedKeys, 'first')}),
      inserted as (insert into ${table} (${columns}) select ${staged} from picked order by ordinal
                   on conflict (${keys}) do nothing returning ${keys})
      select ordinal from ${stage} where ordinal between $1 and $2
      except select s.ordinal from picked s join inserted t on ${names(target).sameKey}`
  },

  update: (target, stage) => {
    const { table, stagedKeys, sameKey } = names(target)
    const set = assignments(target, (_, index) => `s.c${index}`)
    // Of several rows with one key the last counts, and the others are as good as written.
    const changed =
      set.length === 0
        ? ''
        : `with picked as (${picked(stage, stagedKeys, 'last')}),
      updated as (update ${table} t set ${set.join(', ')} from picked s where ${sameKey})`
    return `${changed} select s.ordinal from ${stage} s
      where s.ordinal between $1 and $2 and not exists (select 1 from ${table} t where ${sameKey})`
  },

  delete: (target, stage) => {
    const { table, sameKey } = names(target)
    return `delete from ${table} t using ${stage} s where s.ordinal between $1 and $2 and ${sameKey}`
  },
}

/** Why a row was left out, by operation. */
export const skipReasons: Readonly<Partial<Record<TableOperation, readonly [code: string, message: string]>>> = {
  insert: ['exists', 'A row with this key is there already, and insert leaves it as it is.'],
  update: ['absent', 'There is no row with this key, and update does not create one.'],
}
