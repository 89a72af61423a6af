import type { JsonData, Outcomes, PlacedRow } from '../../kit/index.ts'

/** Where the messages of a stream go. */
export interface Target {
  /** Posts what the rows ask for, in order, and tells what became of each. */
  write(rows: readonly PlacedRow[], outcomes: Outcomes): Promise<void>
}

/** Fields that a message has wherever it goes. */
export const messageProperties: JsonData = {
  text: { type: ['null', 'string'], description: 'Slack’s mrkdwn; what notifications show if there are blocks.' },
  blocks: { type: ['null', 'array', 'string'], description: 'Block Kit blocks, as a list or its JSON text.' },
  thread_ts: { type: ['null', 'string'], description: 'Timestamp of the message that this one replies to.' },
}
