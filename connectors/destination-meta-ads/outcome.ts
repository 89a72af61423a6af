import { z } from 'zod'
import { configError, RetryLater, refusedWhole, transientError, type HttpAnswer, type Verdict } from '../kit/index.ts'

const errorSchema = z.object({
  error: z.object({
    code: z.number(),
    error_subcode: z.number().optional(),
    is_transient: z.boolean().optional(),
  }),
})

type GraphError = z.output<typeof errorSchema>['error']

/** Meta's words for too many calls: of an app, a user, an ad account, and of custom audiences. */
const throttles = new Set([4, 17, 32, 613, 80_000, 80_003, 80_004, 80_014])
const permissions = new Set([3, 10, 200, 294])
const busy = new Set([1, 2])
const blockedAudience = 1_713_230
const noSuchObject = 33

export function graphErrorOf({ json, ok }: HttpAnswer): GraphError | null {
  const parsed = errorSchema.safeParse(json)
  return ok || !parsed.success ? null : parsed.data.error
}

/** Milliseconds to wait where an answer says that there were too many calls; undefined if it does not. */
export function throttledBy(answer: HttpAnswer): number | null | undefined {
  const error = graphErrorOf(answer)
  if (error === null || !throttles.has(error.code)) return undefined
  return regainMs(answer)
}

const usageSchema = z.record(
  z.string(),
  z.array(
    z.object({
      call_count: z.number().optional(),
      total_cputime: z.number().optional(),
      total_time: z.number().optional(),
      /** In minutes. */
      estimated_time_to_regain_access: z.number().optional(),
    }),
  ),
)

const longestPauseMs = 15 * 60_000
const nearlyAll = 95
const breathMs = 30_000

/** What the usage header asks for: the time until access is regained, or a pause when nearly all is used up. */
export function pauseAfter(answer: HttpAnswer): number | null {
  const told = regainMs(answer)
  if (told !== null) return told
  const most = Math.max(
    0,
    ...usages(answer).flatMap((one) =>
      [one.call_count, one.total_cputime, one.total_time].map(Number).filter(Number.isFinite),
    ),
  )
  return most >= nearlyAll ? breathMs : null
}

function regainMs(answer: HttpAnswer): number | null {
  const minutes = Math.max(0, ...usages(answer).map((one) => one.estimated_time_to_regain_access ?? 0))
  return minutes === 0 ? null : Math.min(longestPauseMs, minutes * 60_000)
}

function usages({ headers }: HttpAnswer): z.output<typeof usageSchema>[string] {
  const header = headers.get('x-business-use-case-usage')
  if (header === null) return []
  try {
    return Object.values(usageSchema.parse(JSON.parse(header))).flat()
  } catch {
    return []
  }
}

/** Why a request was refused, thrown unless it is for what it holds. `what` is what it was about: `the audience 12`. */
export function refusalOf(answer: HttpAnswer, what: string): Verdict {
  const error = graphErrorOf(answer)
  if (error === null) throw transientError(`Meta answered with HTTP ${answer.status}, and not in its own words.`)
  const { code, error_subcode: subcode, is_transient } = error
  const name = subcode === undefined ? `code ${code}` : `code ${code}, subcode ${subcode}`
  if (is_transient === true || busy.has(code)) throw new RetryLater(`Meta cannot do it now (${name})`)
  if (code === 190 || code === 102) {
    throw configError(
      `Meta does not accept the access token (${name}): it has expired or was revoked. Make another one.`,
    )
  }
  if (permissions.has(code)) {
    throw configError(
      `Meta does not allow ${what} (${name}): the token needs ads_management, its user the role of an admin at the ad account, and the terms of custom audiences have to be accepted.`,
    )
  }
  if (code === 100 && subcode === blockedAudience) {
    throw configError(
      `${what} is restricted by Meta (${name}): look at it in Audience Manager, and appeal or make another.`,
    )
  }
  if (code === 803 || (code === 100 && subcode === noSuchObject)) {
    throw configError(
      `Meta does not know ${what}, or the token’s user may not see it (${name}): check the id and the ad account.`,
    )
  }
  if (code === 368)
    throw configError(`Meta holds ${what} for abuse, and refuses it (${name}): look at the account’s quality.`)
  if (code === 2650)
    throw configError(`Meta cannot update ${what} (${name}): it has to be an audience of a customer list.`)
  return refusedWhole(`meta_${code}`, `Meta refuses it (${name}).`)
}
