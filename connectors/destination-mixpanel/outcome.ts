import { z } from 'zod'
import {
  refusedWhole,
  taken,
  verdictByStatus,
  withoutValues,
  type HttpAnswer,
  type Refusal,
  type Verdict,
} from '../kit/index.ts'

const answerSchema = z.object({
  status: z.union([z.number(), z.string()]).nullish(),
  error: z.string().nullish(),
  num_records_imported: z.int().nullish(),
  failed_records: z
    .array(z.object({ index: z.int().nonnegative(), field: z.string().nullish(), message: z.string().nullish() }))
    .nullish(),
})

const permission = 'the service account has to be an owner or administrator of the project.'

/**
 * What an answer means for what a request held. Mixpanel names what fails its validation by position; `otherwise` is what
 * then became of the rest, and of everything when it complains and names nothing.
 */
function verdict(
  answer: HttpAnswer,
  items: readonly unknown[],
  restTaken: (imported: number | null, failed: number) => boolean,
): Verdict {
  const said = answerSchema.safeParse(answer.json).data
  const failed = said?.failed_records ?? []
  if (failed.length > 0) {
    const refused = new Map(
      failed.filter(({ index }) => index < items.length).map((one) => [one.index, refusalOf(one, items[one.index])]),
    )
    const whole = restTaken(said?.num_records_imported ?? null, refused.size) ? null : unnamed
    return { refused, whole }
  }
  if (!answer.ok) return verdictByStatus('Mixpanel', answer, permission)
  const complains = said?.status === 0 || (said?.error ?? '') !== ''
  return complains ? refusedWhole(unnamed.code, unnamed.message) : taken
}

/** Of /import: events that pass are taken beside those that fail. If the numbers say otherwise they are sent again. */
export function importVerdict(answer: HttpAnswer, events: readonly unknown[]): Verdict {
  return verdict(answer, events, (imported, failed) => imported === null || imported + failed === events.length)
}

/** Of /engage and /groups: nothing is said of the rest, so it is sent again; saying it twice does no harm. */
export function updateVerdict(answer: HttpAnswer, updates: readonly unknown[]): Verdict {
  return verdict(answer, updates, () => false)
}

const unnamed: Refusal = { code: 'refused', message: 'Mixpanel refuses the row, and does not say why.' }

function refusalOf(
  { field, message }: { readonly field?: string | null | undefined; readonly message?: string | null | undefined },
  item: unknown,
): Refusal {
  const words = withoutValues([field ?? '', message ?? ''].filter((part) => part !== '').join(': '), item)
  return words === null
    ? { code: 'refused', message: 'Mixpanel finds the row not valid.' }
    : { code: 'refused', message: words }
}
