import { expect, test } from 'vitest'
import { createRedactor } from './redact.ts'

test('secrets of the environment are replaced, whatever says them; what is public stays', () => {
  const redact = createRedactor({
    PATH: '/usr/bin',
    HOME: '/home/someone',
    SLACK_TOKEN: 'xoxb-1234.5678',
    CRM_URL: 'postgres://me:p%40ssw0rd!@db.internal:5432/crm',
    PRIVATE_KEY: '-----BEGIN KEY-----\nMIIEvQIBADANBg\n-----END KEY-----',
    SHORT_TOKEN: 'abc',
    EMPTY_SECRET: '',
  })
  expect(redact('401 for xoxb-1234.5678, again xoxb-1234.5678')).toBe('401 for ***, again ***')
  expect(redact('postgres://me:p%40ssw0rd!@db.internal:5432/crm')).toBe('postgres://me:***@db.internal:5432/crm')
  expect(redact('password p@ssw0rd! refused')).toBe('password *** refused')
  expect(redact('key: MIIEvQIBADANBg')).toBe('key: ***')
  expect(redact('abc of /home/someone in /usr/bin')).toBe('abc of /home/someone in /usr/bin')
})

test('a secret that is part of another leaves nothing of it', () => {
  const redact = createRedactor({ A_TOKEN: 'secret', B_TOKEN: 'secret-and-more' })
  expect(redact('secret-and-more secret')).toBe('*** ***')
})

test('an environment without secrets changes nothing', () => {
  expect(createRedactor({ PATH: '/usr/bin', UNSET: undefined })('all of it')).toBe('all of it')
})
