/**
 * Columns of Snowplow's atomic.events that are filled; those of the canonical table that are missing here are null.
 * https://docs.snowplow.io/docs/fundamentals/canonical-event/
 */
export const eventColumns = [
  'app_id',
  'platform',
  'collector_tstamp',
  'dvce_created_tstamp',
  'event',
  'event_id',
  'name_tracker',
  'v_tracker',
  'user_id',
  'domain_userid',
  'domain_sessionidx',
  'geo_country',
  'page_url',
  'page_title',
  'page_urlscheme',
  'page_urlhost',
  'page_urlpath',
  'refr_medium',
  'se_category',
  'se_action',
  'se_label',
  'se_property',
  'se_value',
  'tr_orderid',
  'tr_total',
  'tr_currency',
  'useragent',
  'br_lang',
  'dvce_type',
  'domain_sessionid',
  'derived_tstamp',
  'event_vendor',
  'event_name',
  'event_format',
  'event_version',
] as const

export type EventColumn = (typeof eventColumns)[number]

/**
 * One row of atomic.events, its fields in the order of `eventColumns`. Timestamps are text in UTC, as in Snowplow's
 * CSV. No value has a comma, a quote or a line end.
 */
export type WebEvent = Readonly<Record<EventColumn, string | number | null>>

/** Every simulated event says so: no tracker has this name. */
export const simulatedTracker = 'simulated'

/** Rises when the same options give other rows than before. */
export const generatorVersion = 1

export const genres = ['rock', 'pop', 'jazz', 'classical', 'country'] as const
export type Genre = (typeof genres)[number]

/** Snowplow's four names for each kind of event. */
export const eventKinds = {
  page_view: {
    event: 'page_view',
    event_vendor: 'com.snowplowanalytics.snowplow',
    event_name: 'page_view',
    event_format: 'jsonschema',
    event_version: '1-0-0',
  },
  struct: {
    event: 'struct',
    event_vendor: 'com.google.analytics',
    event_name: 'event',
    event_format: 'jsonschema',
    event_version: '1-0-0',
  },
  transaction: {
    event: 'transaction',
    event_vendor: 'com.snowplowanalytics.snowplow',
    event_name: 'transaction',
    event_format: 'jsonschema',
    event_version: '1-0-0',
  },
} as const
