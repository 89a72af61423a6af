import { outboxChannels, type OutboxHealth, type Scope } from '../../contract/index.ts'
import type { Store } from '../../store/index.ts'
import { inWords } from '../commands/outbox.ts'
import { ok, warn, type Finding } from './finding.ts'

/** What waits longer than this is stuck: a worker is away, or whom it tells. */
const stuckAfterMs = 10 * 60_000

/** Whether alerts and lineage events reach those that they are for. */
export async function checkOutboxes(
  { outbox }: Pick<Store, 'outbox'>,
  scope: Scope,
  now = Date.now(),
): Promise<Finding[]> {
  const all = await Promise.all(outboxChannels.map((channel) => outbox.health(scope, channel)))
  return all.filter(isUsed).map((health) => judged(health, scope, now))
}

function isUsed({ waiting, dead, deliveredAt, problemAt }: OutboxHealth): boolean {
  return waiting > 0 || dead > 0 || deliveredAt !== null || problemAt !== null
}

function judged(health: OutboxHealth, { project }: Scope, now: number): Finding {
  const { channel, dead, oldestWaitingAt, failures } = health
  const name = `outbox ${channel}`
  const detail = `of ${project}: ${inWords(health, now)}`
  const stuck = oldestWaitingAt !== null && now - Date.parse(oldestWaitingAt) > stuckAfterMs
  if (stuck || failures > 0) {
    const receiver = channel === 'alerts' ? 'the target that it names' : 'OPENLINEAGE_URL'
    return warn(name, detail, `See that a worker runs and reaches ${receiver}: traitline outbox --name ${project}`)
  }
  if (dead === 0) return ok(name, detail)
  return warn(name, detail, `Mend what they say, then send them again: traitline outbox retry --name ${project}`)
}
