import type { Client } from '@temporalio/client'
import { isAutomated, type Manifest, type Scope } from '../contract/index.ts'
import { createSchedules, wakeAutomation } from '../launch/index.ts'

/** A revision that has become the latest one. */
export interface Announced {
  readonly scope: Scope
  readonly manifest: Manifest
  /** The one before, as far as it is known. */
  readonly before?: Manifest | null
}

/** Makes schedules what a deployed revision says, and has its conditions looked at. May be repeated. */
export async function announceRevision(client: Client, revision: Announced): Promise<void> {
  if (!needsTemporal(revision)) return
  const { scope, manifest } = revision
  await createSchedules(client).reconcile(scope, manifest)
  if (isAutomated(manifest)) await wakeAutomation(client, scope)
}

/** Whether Temporal has to be told of it: not of a project that does nothing by itself, and never did. */
export function needsTemporal({ manifest, before }: Announced): boolean {
  return [manifest, before].some((each) => each != null && (isAutomated(each) || (each.sensors ?? []).length > 0))
}
