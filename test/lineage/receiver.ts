import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { onTestFinished } from 'vitest'
import { packageRoot } from '../../orchestrator/process/index.ts'

export interface LineageEvent {
  readonly eventType: string
  readonly eventTime: string
  readonly run: { readonly runId: string; readonly facets: Facets }
  readonly job: { readonly namespace: string; readonly name: string; readonly facets: Facets }
  readonly inputs: readonly Dataset[]
  readonly outputs: readonly Dataset[]
}

interface Dataset {
  readonly namespace: string
  readonly name: string
  readonly facets?: Facets
  readonly inputFacets?: Facets
  readonly outputFacets?: Facets
}

type Facets = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** An OpenLineage endpoint that holds every event, and every facet, against the standard's schemas. */
export interface Receiver {
  readonly url: string
  /** What was taken, in order, repeated ones too. */
  readonly events: LineageEvent[]
  readonly faults: string[]
  readonly keys: Set<string | undefined>
}

/** `answer` says which status the n-th request gets, from 1; null closes the connection after the event was taken. */
export async function startReceiver(answer: (request: number) => number | null = () => 201): Promise<Receiver> {
  const faultsOf = await createValidator()
  const receiver: Receiver = { url: '', events: [], faults: [], keys: new Set() }
  let requests = 0
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const status = answer(++requests)
      if (status === null || status < 300) {
        const event = JSON.parse(Buffer.concat(chunks).toString('utf8')) as LineageEvent
        receiver.events.push(event)
        receiver.faults.push(...faultsOf(event))
        receiver.keys.add(request.headers.authorization)
      }
      if (request.url !== '/api/v1/lineage') receiver.faults.push(`sent to ${request.url}`)
      if (status === null) request.socket.destroy()
      else response.writeHead(status).end()
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { ...receiver, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

/** Answers what of an event is not as the standard has it. */
export async function createValidator(): Promise<(event: LineageEvent) => string[]> {
  const folder = join(packageRoot(), 'orchestrator/openlineage/spec')
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  addFormats.default(ajv)
  for (const file of await readdir(folder)) {
    if (file.endsWith('.json')) ajv.addSchema(JSON.parse(await readFile(join(folder, file), 'utf8')) as object)
  }
  const check = (schema: string, value: unknown, name: string): string[] => {
    const validate = ajv.getSchema(schema)
    if (validate === undefined) return [`${name}: there is no schema ${schema}`]
    return validate(value) === true ? [] : [`${name}: ${ajv.errorsText(validate.errors)}`]
  }
  const facets = (of: Facets | undefined, where: string): string[] =>
    Object.entries(of ?? {}).flatMap(([name, facet]) => {
      const schema = String(facet['_schemaURL'])
      // Its schema is not at hand: what it shares with all facets is checked with the event.
      if (schema.includes('DocumentationJobFacet')) return typeof facet['description'] === 'string' ? [] : [where]
      return check(schema, facet, `${where} ${name}`)
    })
  return (event) => [
    ...check('https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent', event, event.job.name),
    ...facets(event.run.facets, 'run'),
    ...facets(event.job.facets, 'job'),
    ...[...event.inputs, ...event.outputs].flatMap((dataset) => [
      ...facets(dataset.facets, dataset.name),
      ...facets(dataset.inputFacets, dataset.name),
      ...facets(dataset.outputFacets, dataset.name),
    ]),
  ]
}
