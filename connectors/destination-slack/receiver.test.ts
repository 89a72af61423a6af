import { appendFile, readFile, stat } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { onTestFinished, expect, test } from 'vitest'
import { configuredStream, recordLine, runProgram, stateLine } from '../../test/harness/destination.ts'
import { tempDir } from '../../test/harness/temp.ts'
import { slackContract } from '../../test/stand-ins/slack.ts'
import { destinationSlack } from './destination.ts'
import { startSlackReceiver, type SlackReceiver } from './receiver.ts'

async function start(file: string): Promise<SlackReceiver> {
  const receiver = await startSlackReceiver({ port: 0, file })
  onTestFinished(() => receiver.close())
  return receiver
}

async function post(
  receiver: SlackReceiver,
  method: string,
  form: Record<string, string>,
  token: string | null = 'xoxb-1',
): Promise<unknown> {
  const response = await fetch(`${receiver.url}${method}`, {
    method: 'POST',
    body: new URLSearchParams(form),
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
  })
  return response.json()
}

test('takes what the destination sends, and keeps it for its owner alone', async () => {
  const file = join(await tempDir(), 'slack/messages.jsonl')
  const receiver = await start(file)
  const run = await runProgram(
    destinationSlack,
    'write',
    {
      config: { token: 'xoxb-1', api_url: receiver.url, messages_per_second: 1_000 },
      catalog: { streams: [configuredStream('#retention', ['text'])] },
    },
    [recordLine('#retention', { text: 'Ünö' }), recordLine('#retention', { text: 'two' }), stateLine('#retention', 0)],
  )
  expect(run).toMatchObject({ code: 0, said: '' })
  const messages = (await (await fetch(receiver.messagesUrl)).json()) as { channel: string; text: string; ts: string }[]
  expect(messages.map(({ channel, text }) => [channel, text])).toEqual([
    ['#retention', 'Ünö'],
    ['#retention', 'two'],
  ])
  expect(new Set(messages.map(({ ts }) => ts)).size).toBe(2)
  expect(receiver.messages()).toEqual(messages)
  expect((await readFile(file, 'utf8')).trim().split('\n')).toHaveLength(2)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
})

test('check and discover work against it', async () => {
  const receiver = await start(join(await tempDir(), 'messages.jsonl'))
  const config = { token: 'xoxb-1', api_url: receiver.url }
  expect((await runProgram(destinationSlack, 'check', { config })).messages).toMatchObject([
    { connectionStatus: { status: 'SUCCEEDED' } },
  ])
  expect((await runProgram(destinationSlack, 'discover', { config })).code).toBe(0)
})

test('answers as Slack’s contract says', async () => {
  const receiver = await start(join(await tempDir(), 'messages.jsonl'))
  const contract = await slackContract()
  const answers: [string, unknown][] = [
    ['auth.test', await post(receiver, 'auth.test', {})],
    ['auth.test', await post(receiver, 'auth.test', {}, null)],
    ['chat.postMessage', await post(receiver, 'chat.postMessage', { channel: '#a', text: 'x' })],
    ['chat.postMessage', await post(receiver, 'chat.postMessage', { channel: '#a' })],
    ['chat.postMessage', await post(receiver, 'chat.postMessage', { text: 'x' })],
  ]
  expect(answers.map(([method, answer]) => contract.checkResponse(method, answer))).toEqual(answers.map(() => []))
  expect(answers.map(([, answer]) => (answer as { error?: string }).error ?? 'ok')).toEqual([
    'ok',
    'not_authed',
    'ok',
    'no_text',
    'channel_not_found',
  ])
})

test('keeps its messages when it is started again, also after a line that was cut off', async () => {
  const file = join(await tempDir(), 'messages.jsonl')
  const first = await startSlackReceiver({ port: 0, file })
  await post(first, 'chat.postMessage', { channel: '#a', text: 'before' })
  await first.close()
  await appendFile(file, '{"channel":"#a","te')
  const second = await start(file)
  await post(second, 'chat.postMessage', { channel: '#a', text: 'after' })
  expect(second.messages().map(({ text }) => text)).toEqual(['before', 'after'])
  const third = await start(file)
  expect(third.messages()).toEqual(second.messages())
})

test('turns away requests under another name, too large ones, and unknown methods', async () => {
  const receiver = await start(join(await tempDir(), 'messages.jsonl'))
  const status = await new Promise((resolve, reject) => {
    request(receiver.messagesUrl, { headers: { host: 'evil.example' } }, (response) => resolve(response.statusCode))
      .on('error', reject)
      .end()
  })
  expect(status).toBe(403)
  const large = await fetch(`${receiver.url}chat.postMessage`, { method: 'POST', body: 'x'.repeat(2_000_000) }).catch(
    () => null,
  )
  expect(large?.status ?? 413).toBe(413)
  expect(await post(receiver, 'chat.update', {})).toEqual({ ok: false, error: 'unknown_method' })
})
