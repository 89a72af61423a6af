import {
  configError,
  defineDestination,
  DestinationError,
  offered,
  operationsOf,
  RequestWriter,
  verdictByStatus,
} from '../kit/index.ts'
import { brazeClient } from './client.ts'
import { configSchema } from './config.ts'
import { events } from './events.ts'
import type { BrazeObject } from './object.ts'
import { permissionOf } from './outcome.ts'
import { purchases } from './purchases.ts'
import { subscriptionGroup } from './subscription-group.ts'
import { users } from './users.ts'

const objects: readonly BrazeObject[] = [users, events, purchases, subscriptionGroup]

/** Four requests' worth: a batch of events whose outcome is unknown is unknown as a whole, so it should not be large. */
const recommendedBatchSize = 300

/** Writes to a workspace of Braze: profiles, events, purchases and subscription groups. */
export const destinationBraze = defineDestination({
  name: 'destination-braze',
  documentationUrl: 'https://www.braze.com/docs/api/endpoints/user_data/post_user_track/',
  spec: configSchema,
  syncModes: ['append', 'append_dedup', 'update', 'soft_delete'],

  /** A request without an object: Braze refuses it for that, once it has accepted the key. */
  async check(config, context) {
    const http = brazeClient(config, context, { name: 'track', perSecond: config.requests_per_second })
    const request = { method: 'POST', path: '/users/track', json: { attributes: [] }, repeatable: true } as const
    const answer = await http.send(request).catch((error: unknown) => {
      if (!(error instanceof DestinationError) || error.failureType !== 'config_error') throw error
      const fix =
        'It has to be a REST API key of the instance that the endpoint names, with the permission users.track.'
      throw configError(`${error.message} ${fix}`, error)
    })
    if (!answer.ok) verdictByStatus('Braze', answer, permissionOf('users.track'))
  },

  async discover() {
    const operations = objects.flatMap(({ offer }) => operationsOf(offer))
    return { operations, idempotent: false, recommended_batch_size: recommendedBatchSize }
  },

  async open(config, catalog, context) {
    return new RequestWriter(
      catalog,
      (stream) => offered('Braze', objects, stream).sending({ stream, config, context }),
      config.parallel_requests,
    )
  },
})
