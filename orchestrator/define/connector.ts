import type { ConnectorRef } from '../contract/index.ts'
import { checkArguments } from './check.ts'
import { like, listOf, shape, someText, text } from './shape.ts'

const isConnector = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'

/** Its parts are checked when the project is compiled. */
export const connectorRef = like(shape('a connector', isConnector), "connector: pypi('name==version')")

/** A destination's program by its command line: `command(['python', 'my_destination.py'])`. */
export function command(line: readonly [string, ...string[]]): ConnectorRef {
  checkArguments('command', { line: like(listOf('texts', someText), "command(['python', 'a.py'])") }, { line })
  return Object.freeze({ type: 'command', command: Object.freeze([...line]) })
}

/** A destination's program as an image, for machines with a container engine: `image('airbyte/destination-csv:1.0')`. */
export function image(reference: string): ConnectorRef {
  checkArguments('image', { reference: like(someText, "image('airbyte/destination-csv:1.0')") }, { reference })
  return Object.freeze({ type: 'image', image: reference })
}

/**
 * A destination's program from npm, of one exact version: `npm('destination-acme@1.2.3')`. Install scripts are not run.
 */
export function npm(specifier: `${string}@${string}`): ConnectorRef {
  checkArguments('npm', { specifier: like(text, "npm('name@1.2.3')") }, { specifier })
  const at = specifier.lastIndexOf('@')
  return Object.freeze({
    type: 'npm',
    package: specifier.slice(0, Math.max(0, at)).trim(),
    version: specifier.slice(at + 1).trim(),
  })
}

/** A destination's program from PyPI, of one exact version: `pypi('airbyte-destination-ailake==0.1.16')`. */
export function pypi(requirement: `${string}==${string}`): ConnectorRef {
  checkArguments('pypi', { requirement: like(text, "pypi('name==version')") }, { requirement })
  const [name = '', version = ''] = requirement.split('==')
  return Object.freeze({ type: 'pypi', package: name.trim(), version: version.trim() })
}
