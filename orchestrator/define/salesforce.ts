import type { EnvRef } from '../contract/index.ts'
import { checkArguments, checkDefinition } from './check.ts'
import {
  checkStreamName,
  destinationInfo,
  destinationOptions,
  fieldTypes,
  makeDestination,
  rowModes,
  streamSpec,
  type Destination,
  type DestinationOptions,
  type FieldTypes,
  type KeyAmongFields,
  type Stream,
} from './destination.ts'
import { textOrEnv } from './env.ts'
import { locationOfCall } from './location.ts'
import { byEnvironment, type ByEnvironment } from './per-environment.ts'
import { like, optional, positive, someText, type Shapes } from './shape.ts'

export interface SalesforceObjectInput {
  /** An external id field, or `Id` for records that are there already. Without one, rows can only be appended. */
  readonly key?: string
  /** API names. One with `?` may be left out of a mapping; `'Account.External_Id__c'` names a related record. */
  readonly fields: FieldTypes
}

/** By its Id a record cannot be created. */
const idModes = ['update', 'delete'] as const

type ObjectStream<Input extends SalesforceObjectInput> = Input extends { readonly key: infer Key extends string }
  ? Stream<Input['fields'], Key, false, Key extends 'Id' ? (typeof idModes)[number] : (typeof rowModes)[number]>
  : Stream<Input['fields'], never, false, 'append'>

export interface SalesforceDestination extends Destination {
  /** Records of an object, by its API name: `Contact`, `Invoice__c`. */
  object<const Input extends SalesforceObjectInput>(
    name: string,
    input: Input & KeyAmongFields<Input, Input['fields']>,
  ): ObjectStream<Input>
}

const objectShape = {
  key: optional(someText),
  fields: like(fieldTypes, "fields: { External_Id__c: 'text', LastName: 'text' }"),
} satisfies Shapes<SalesforceObjectInput>

const salesforceOptions = {
  ...destinationOptions,
  domainUrl: like(byEnvironment(textOrEnv), "domainUrl: 'https://acme.my.salesforce.com'"),
  clientId: like(byEnvironment(textOrEnv), "clientId: env('SALESFORCE_CLIENT_ID')"),
  clientSecret: like(byEnvironment(textOrEnv), "clientSecret: env('SALESFORCE_CLIENT_SECRET')"),
  refreshToken: optional(byEnvironment(textOrEnv)),
  apiVersion: optional(byEnvironment(someText)),
  stopAtPercent: optional(byEnvironment(positive)),
  requestsPerSecond: optional(byEnvironment(positive)),
} satisfies Shapes<Parameters<typeof salesforce>[1]>

/**
 * A Salesforce organisation.
 *
 * ```ts
 * const crm = salesforce('crm', {
 *   domainUrl: 'https://acme.my.salesforce.com',
 *   clientId: env('SALESFORCE_CLIENT_ID'),
 *   clientSecret: env('SALESFORCE_CLIENT_SECRET'),
 * })
 * const contacts = crm.object('Contact', { key: 'External_Id__c', fields: { External_Id__c: 'text', Tier__c: 'text?' } })
 * sync('contacts', { from: model, to: contacts, mode: 'upsert', map: { External_Id__c: customer.key, Tier__c: tier } })
 * ```
 */
export function salesforce(
  name: string,
  options: DestinationOptions & {
    /** My Domain of the organisation or sandbox. */
    readonly domainUrl: ByEnvironment<string | EnvRef>
    /** Consumer key of the app. */
    readonly clientId: ByEnvironment<string | EnvRef>
    readonly clientSecret: ByEnvironment<string | EnvRef>
    /** Writes as the user who gave it; without it, as the user of the app’s client credentials flow. */
    readonly refreshToken?: ByEnvironment<string | EnvRef>
    /** Default `64.0`. */
    readonly apiVersion?: ByEnvironment<string>
    /** Share of the day’s API requests after which nothing more is sent: default 90. */
    readonly stopAtPercent?: ByEnvironment<number>
    /** Default 20. */
    readonly requestsPerSecond?: ByEnvironment<number>
  },
): SalesforceDestination {
  checkDefinition('destination', name, options, salesforceOptions)
  return makeDestination(
    {
      name,
      connector: { type: 'builtin', name: 'salesforce' },
      config: {
        domain_url: options.domainUrl,
        client_id: options.clientId,
        client_secret: options.clientSecret,
        refresh_token: options.refreshToken,
        api_version: options.apiVersion,
        stop_at_percent: options.stopAtPercent,
        requests_per_second: options.requestsPerSecond,
      },
      streams: [],
      ...destinationInfo(options),
      definedAt: locationOfCall(salesforce),
    },
    {
      object(this: Destination, object: string, input: SalesforceObjectInput): Stream {
        checkStreamName(this, object)
        checkArguments(`object ${object} of destination ${this.name}`, objectShape, { ...input })
        const { key, fields } = input
        const modes = key === undefined ? (['append'] as const) : key === 'Id' ? idModes : rowModes
        const spec = streamSpec(object, fields, key === undefined ? { modes } : { key, modes })
        return Object.freeze({ kind: 'stream', destination: this, spec })
      },
    },
  ) as unknown as SalesforceDestination
}
