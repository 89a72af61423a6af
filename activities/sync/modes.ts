import type { SyncMode } from '../../orchestrator/contract/index.ts'
import type { DifferenceRules, SyncOperation } from '../../orchestrator/sql/sync-compare.ts'

/** One run of a sync in a situation's past: what the source held of a key, and how the destination took it. */
interface PastRun {
  /** The key's value in the source; null if the source did not have the key. */
  readonly value: string | null
  readonly fate: 'accepted' | 'skipped' | 'rejected' | 'unknown' | 'open'
}

/** What can be the case with a key when a sync runs. The tests play each one in each mode. */
export interface Situation {
  readonly title: string
  readonly past: readonly PastRun[]
  /** The key's value in the source now; null if it is gone. */
  readonly now: string | null
  /** The mapping changed since the last run. */
  readonly mappingChanged?: true
}

const taken = (value: string | null): PastRun => ({ value, fate: 'accepted' })

export const situations = {
  added: { title: 'The key is new', past: [], now: 'a' },
  same: { title: 'Known, nothing changed', past: [taken('a')], now: 'a' },
  changed: { title: 'Known, a mapped column changed', past: [taken('a')], now: 'b' },
  mapping: { title: 'Known, the mapping changed', past: [taken('a')], now: 'a', mappingChanged: true },
  gone: { title: 'The key left the source', past: [taken('a')], now: null },
  returned: { title: 'It left and came back as it was', past: [taken('a'), taken(null)], now: 'a' },
  rejected: { title: 'The destination rejected it before', past: [{ value: 'a', fate: 'rejected' }], now: 'a' },
  open: {
    title: 'Sent, no answer, to a destination that knows a repeated batch',
    past: [{ value: 'a', fate: 'open' }],
    now: 'a',
  },
  unknown: { title: 'Sent, no answer, to one that does not', past: [{ value: 'a', fate: 'unknown' }], now: 'a' },
  skipped: {
    title: 'The destination skipped it: there already, or absent',
    past: [{ value: 'a', fate: 'skipped' }],
    now: 'a',
  },
  skippedGone: { title: 'The same, and it left the source', past: [{ value: 'a', fate: 'skipped' }], now: null },
} as const satisfies Readonly<Record<string, Situation>>

export type SituationName = keyof typeof situations

/** What a mode does: the operation that is sent, or null for none, in words for people. */
export interface Answer {
  readonly sends: SyncOperation | null
  readonly words: string
}

export interface ModeSemantics {
  readonly summary: string
  readonly rules: DifferenceRules
  readonly answers: Readonly<Record<SituationName, Answer>>
}

const sends = (operation: SyncOperation, words: string = operation): Answer => ({ sends: operation, words })
const nothing = (words = 'nothing'): Answer => ({ sends: null, words })

/** What a mode does that sends the same operation for what is new and for what changed, and takes nothing away. */
function keepsSending(operation: SyncOperation): ModeSemantics['answers'] {
  return {
    added: sends(operation),
    same: nothing(),
    changed: sends(operation),
    mapping: sends(operation, `${operation}: every row is a change`),
    gone: nothing('left alone'),
    returned: nothing('nothing: it is still there'),
    rejected: sends(operation, `${operation}, in every run until it is taken`),
    open: sends(operation),
    unknown: sends(operation, `${operation}: twice does no harm`),
    skipped: nothing('nothing until it changes'),
    skippedGone: nothing('left alone'),
  }
}

/** The same for one that also takes away what left. */
function keepsEqual(operation: SyncOperation, removal: SyncOperation): ModeSemantics['answers'] {
  return {
    ...keepsSending(operation),
    gone: sends(removal, `${removal}, only what this sync delivered`),
    returned: sends(operation, `${operation} again`),
    skippedGone: nothing('kept: it is not ours'),
  }
}

/** The same for one that acts once on each row that the source has. */
function actsOnce(operation: SyncOperation): ModeSemantics['answers'] {
  return {
    ...keepsSending(operation),
    changed: nothing(),
    mapping: nothing(),
    returned: nothing(),
    skipped: nothing(),
  }
}

/** The one table of what each mode does. */
export const modes: Readonly<Record<SyncMode, ModeSemantics>> = {
  upsert: {
    summary: 'Creates and updates by key; never deletes.',
    rules: { added: 'upsert', changed: 'upsert', removed: null, compares: true },
    answers: keepsSending('upsert'),
  },
  update: {
    summary: 'Updates what the destination has; creates nothing, and leaves out what is absent there.',
    rules: { added: 'update', changed: 'update', removed: null, compares: true },
    answers: {
      ...keepsSending('update'),
      added: sends('update', 'update; skipped if it is absent there'),
      returned: nothing(),
    },
  },
  insert: {
    summary: 'Creates what is new, once; never touches it again.',
    rules: { added: 'insert', changed: null, removed: null, compares: true },
    answers: {
      ...actsOnce('insert'),
      added: sends('insert', 'insert; skipped if it exists there'),
      unknown: nothing('nothing: kept as `unknown`, never sent again blindly'),
    },
  },
  mirror: {
    summary: 'The destination’s rows of this sync are the source’s: creates, updates and deletes by key.',
    rules: { added: 'upsert', changed: 'upsert', removed: 'delete', compares: true },
    answers: keepsEqual('upsert', 'delete'),
  },
  append: {
    summary: 'Every row, every time that there is something new to read.',
    rules: { added: 'append', changed: null, removed: null, compares: false },
    answers: {
      added: sends('append'),
      same: sends('append'),
      changed: sends('append'),
      mapping: sends('append'),
      gone: nothing(),
      returned: sends('append'),
      rejected: sends('append'),
      open: sends('append'),
      unknown: sends('append'),
      skipped: sends('append'),
      skippedGone: nothing(),
    },
  },
  add: {
    summary: 'Adds to a list, and adds again whose identifiers changed; takes nobody away.',
    rules: { added: 'add', changed: 'add', removed: null, compares: true },
    answers: keepsSending('add'),
  },
  remove: {
    summary: 'Takes from a list whoever is in the source, once.',
    rules: { added: 'remove', changed: null, removed: null, compares: true },
    answers: actsOnce('remove'),
  },
  members: {
    summary: 'The list’s members of this sync are the source’s: adds, and takes away whom it had added.',
    rules: { added: 'add', changed: 'add', removed: 'remove', compares: true },
    answers: keepsEqual('add', 'remove'),
  },
  delete: {
    summary: 'Deletes at the destination whatever is in the source, once; what comes back is deleted again.',
    rules: { added: 'delete', changed: null, removed: null, forgets: true, compares: true },
    answers: {
      ...actsOnce('delete'),
      gone: nothing('forgotten'),
      returned: sends('delete', 'delete again'),
      skipped: nothing('nothing: absent is done'),
      skippedGone: nothing('forgotten'),
    },
  },
}

/** Modes by what they are about: objects that have rows, lists that have members. */
export const modeGroups = {
  rows: ['upsert', 'update', 'insert', 'mirror', 'append', 'delete'],
  lists: ['add', 'remove', 'members'],
} as const satisfies Readonly<Record<string, readonly SyncMode[]>>

/** A table of docs/concepts/sync-modes.md. */
export function modesTable(names: readonly SyncMode[]): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [
    row(['A key, when the sync runs', ...names.map((name) => `\`${name}\``)]),
    row(['---', ...names.map(() => '---')]),
    ...(Object.keys(situations) as SituationName[]).map((name) =>
      row([situations[name].title, ...names.map((mode) => modes[mode].answers[name].words)]),
    ),
  ].join('\n')
}
