import { InvalidArgumentError } from 'commander'
import { isAssetKey, type JsonValue, type RunConfig } from '../../contract/index.ts'

/** Collects `--config notebook/churn.horizon_days=60`: a value is JSON, or else text. */
export function addParameter(text: string, before: RunConfig): RunConfig {
  const [, key = '', name = '', value = ''] = /^([^.=]+)\.([^=]+)=(.*)$/s.exec(text) ?? []
  if (!isAssetKey(key)) throw new InvalidArgumentError('Write it like notebook/churn.horizon_days=60.')
  return { ...before, [key]: { ...before[key], [name]: valueOf(value) } }
}

function valueOf(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return text
  }
}
