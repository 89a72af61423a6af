import { InvalidArgumentError } from 'commander'
import { parseRunTag, runTagRule, type RunTags } from '../../contract/index.ts'

/** Collects `--tag team=growth --tag kind=backfill`. */
export function addTag(text: string, before: RunTags): RunTags {
  const tag = parseRunTag(text)
  if (tag === null) throw new InvalidArgumentError(`Write it like team=growth. ${runTagRule}.`)
  return { ...before, [tag[0]]: tag[1] }
}
