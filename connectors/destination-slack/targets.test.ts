import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { deliver } from '../../test/harness/deliver.ts'
import { configuredStream, runProgram } from '../../test/harness/destination.ts'
import { startSlackStandIn, type SlackStandIn } from '../../test/stand-ins/slack.ts'
import type { JsonData } from '../protocol/index.ts'
import { destinationSlack } from './destination.ts'
import { inSections } from './targets/digest.ts'

let slack: SlackStandIn
beforeEach(async () => {
  slack = await startSlackStandIn()
})
afterEach(async () => {
  const { breaches } = slack
  await slack.close()
  expect(breaches).toEqual([])
})

function write(object: string, rows: readonly JsonData[], config: JsonData = {}) {
  const stream = configuredStream('s', ['text'], { destination_object_name: object, operation: 'insert' })
  return deliver(destinationSlack, configOf(config), [stream], [rows])
}

const configOf = (more: JsonData): JsonData => ({
  token: 'xoxb-1',
  api_url: slack.url,
  messages_per_second: 1_000,
  lookups_per_minute: 60_000,
  timeout_seconds: 10,
  ...more,
})

const lines = (count: number): JsonData[] => Array.from({ length: count }, (_, n) => ({ text: `• ${n + 1}` }))
const posted = () => slack.taken.map(({ channel, text }) => [channel, text])
const sectionsOf = (blocks: unknown): string[] =>
  (blocks as { readonly type: string; readonly text: { readonly text: string } }[]).map((block) => block.text.text)

describe('the channel is a column', () => {
  test('each row names its own', async () => {
    const { answers } = await write('@channel', [
      { channel: '#a', text: 'one' },
      { channel: null, text: 'two' },
      { channel: 'C0123456789', text: 'three' },
    ])
    expect(answers).toMatchObject([{ recordCount: 3, rejected: [{ ordinal: 1, code: 'no_channel' }] }])
    expect(posted()).toEqual([
      ['#a', 'one'],
      ['C0123456789', 'three'],
    ])
  })
})

describe('people by e-mail', () => {
  test('each gets a direct message, and is looked up once', async () => {
    const { answers } = await write('@person', [
      { email: 'ada@example.com', text: 'one' },
      { email: 'nobody@example.com', text: 'two' },
      { email: 'no address', text: 'three' },
      { email: 'ada@example.com', text: 'four' },
    ])
    expect(answers).toMatchObject([
      {
        recordCount: 4,
        requests: 4,
        rejected: [
          { ordinal: 1, code: 'users_not_found', message: 'Nobody in the workspace has this e-mail address.' },
          { ordinal: 2, code: 'no_email' },
        ],
      },
    ])
    expect(posted()).toEqual([
      ['UADA', 'one'],
      ['UADA', 'four'],
    ])
  })

  test('a lookup that broke is made again: it changes nothing', async () => {
    slack.mishaps.push({ status: 500 }, 'cut')
    const { answers } = await write('@person', [{ email: 'ada@example.com', text: 'one' }])
    expect(answers).toMatchObject([{ recordCount: 1, rejected: [] }])
  })

  test('an app that may not look up is told which scope it lacks', async () => {
    slack.mishaps.push({ error: 'missing_scope' })
    const { said, answers } = await write('@person', [{ email: 'ada@example.com', text: 'one' }])
    expect(answers).toEqual([])
    expect(said).toContain('users:read.email')
    expect(said).not.toContain('ada@')
  })
})

describe('a digest', () => {
  const digests = (more: JsonData = {}): JsonData => ({
    digests: [{ name: 'risk', channel: '#retention', title: '{{ count }} may leave', max_rows: 3, ...more }],
  })

  test('is one message: a title, lines, and how many more there are', async () => {
    const rows = [...lines(2), { text: ' ' }, ...lines(3), { text: 'x'.repeat(3_001) }]
    const { answers } = await write('digest:risk', rows, digests())
    expect(answers).toMatchObject([
      {
        recordCount: 7,
        requests: 1,
        rejected: [
          { ordinal: 2, code: 'no_text' },
          { ordinal: 6, code: 'msg_too_long' },
        ],
      },
    ])
    expect(posted()).toEqual([['#retention', '5 may leave']])
    expect(sectionsOf(slack.taken[0]?.blocks)).toEqual(['5 may leave', '• 1\n• 2\n• 1', '_and 2 more_'])
  })

  test('says nothing of more if all are shown, and nothing at all without a row', async () => {
    await write('digest:risk', lines(3), digests())
    expect(sectionsOf(slack.taken[0]?.blocks)).toEqual(['3 may leave', '• 1\n• 2\n• 3'])
    await write('digest:risk', [{ text: '' }], digests())
    expect(slack.taken).toHaveLength(1)
  })

  test('in a thread, each row is a reply to the title', async () => {
    const { answers } = await write('digest:risk', lines(5), digests({ thread: true, more: '{{ more }} others' }))
    expect(answers).toMatchObject([{ recordCount: 5, rejected: [] }])
    const [title] = slack.taken
    expect(slack.taken.map(({ text, thread }) => [text, thread])).toEqual([
      ['5 may leave', null],
      ['• 1', title?.ts],
      ['• 2', title?.ts],
      ['• 3', title?.ts],
      ['2 others', title?.ts],
    ])
  })

  test('that Slack refuses is as many rejected rows; a reply that it refuses is one', async () => {
    slack.mishaps.push({ error: 'channel_not_found' })
    const refused = await write('digest:risk', lines(2), digests())
    expect(refused.answers[0]?.rejected?.map(({ code }) => code)).toEqual(['channel_not_found', 'channel_not_found'])
    slack.mishaps.push(null, null, { error: 'msg_too_long' })
    const { answers } = await write('digest:risk', lines(3), digests({ thread: true }))
    expect(answers).toMatchObject([{ rejected: [{ ordinal: 1, code: 'msg_too_long' }] }])
  })

  test('whose outcome is not known is not posted again', async () => {
    slack.mishaps.push('cut')
    const { answers, said } = await write('digest:risk', lines(2), digests())
    expect(answers).toEqual([])
    expect(said).toContain('not known whether a message was posted')
    expect(slack.taken).toHaveLength(1)
  })

  test('that is not configured, or whose title is no template, is found before anything is posted', async () => {
    expect((await write('digest:other', lines(1), digests())).said).toContain('has no digest other')
    expect((await write('digest:risk', lines(1), digests({ title: '{{ name }}' }))).said).toContain('is no template')
    expect((await write('digest:risk', lines(1), digests({ title: '{% if %}' }))).said).toContain('is no template')
    expect(slack.taken).toEqual([])
  })

  test('wants many rows in a batch, where a channel wants one', async () => {
    const { messages } = await runProgram(destinationSlack, 'discover', { config: configOf(digests()) })
    const digest = { object_name: 'digest:risk', recommended_batch_size: 10_000 }
    expect(messages).toMatchObject([
      { destination_catalog: { operations: [{}, {}, {}, {}, {}, digest], recommended_batch_size: 1 } },
    ])
  })

  test('keeps to what Slack allows of a section and of a message, and loses no line before the last that it shows', () => {
    const text = fc.integer({ min: 1, max: 3_000 }).map((length) => 'x'.repeat(length))
    fc.assert(
      fc.property(fc.array(text, { maxLength: 200 }), (texts) => {
        const { sections, shown } = inSections(texts.map((one) => ({ text: one })))
        expect(sections.length).toBeLessThanOrEqual(48)
        expect(sections.every((section) => section.length <= 3_000)).toBe(true)
        expect(sections.join('\n')).toBe(texts.slice(0, shown).join('\n'))
        if (shown < texts.length) expect(sections).toHaveLength(48)
      }),
      { numRuns: 50 },
    )
  })
})
