import { defineDestination, offered, operationsOf, RequestWriter } from '../kit/index.ts'
import { mixpanelClient } from './client.ts'
import { configSchema } from './config.ts'
import { events } from './events.ts'
import { groups } from './groups.ts'
import type { MixpanelObject } from './object.ts'
import { importVerdict } from './outcome.ts'
import { users } from './users.ts'

const objects: readonly MixpanelObject[] = [events, users, groups]

/** Four requests' worth of events. */
const recommendedBatchSize = 8_000

/** Without a name and a user no event is taken, whoever asks. */
const noEvent = { event: '', properties: {} }

/** Writes to a project of Mixpanel: events, and profiles of users and groups. */
export const destinationMixpanel = defineDestination({
  name: 'destination-mixpanel',
  documentationUrl: 'https://docs.mixpanel.com/reference/import-events',
  spec: configSchema,
  syncModes: ['append', 'append_dedup', 'soft_delete'],

  /** Imports an event that is none: Mixpanel refuses it, once it has accepted the credentials. */
  async check(config, context) {
    importVerdict(await mixpanelClient(config, context).import([noEvent]), [noEvent])
  },

  async discover() {
    const operations = objects.flatMap(({ offer }) => operationsOf(offer))
    return { operations, idempotent: true, recommended_batch_size: recommendedBatchSize }
  },

  async open(config, catalog, context) {
    const client = mixpanelClient(config, context)
    return new RequestWriter(
      catalog,
      (stream) => offered('Mixpanel', objects, stream).sending({ stream, config, client }),
      config.parallel_requests,
    )
  },
})
