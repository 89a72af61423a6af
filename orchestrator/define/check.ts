import { assetKinds, TraitlineError } from '../contract/index.ts'
import type { DefinitionKind } from './definition.ts'
import { faultsOf, object, text, type Fault, type Shape } from './shape.ts'

/** One thing that is wrong with how a function of the API was called. */
export interface CallProblem {
  /** The asset's key, `destination crm`, or the function. */
  readonly name: string
  readonly reason: string
  readonly fix: string
}

/**
 * A function of the API was given what it does not take. Its stack leads to the user's line, which whoever loads the
 * project adds to what is said.
 */
export class InvalidCall extends TraitlineError {
  readonly problems: readonly CallProblem[]

  constructor(problems: readonly CallProblem[]) {
    super({
      code: 'PROJECT_INVALID',
      message: problems.map(({ name, reason }) => `${name}: ${reason}`).join('\n'),
      hint: problems.map(({ fix }) => `${fix}${fix.endsWith('?') ? '' : '.'}`).join(' '),
      blame: 'user',
    })
    this.problems = problems
  }
}

/** Checks what a definition is made from: its name, and its options one by one. Throws InvalidCall. */
export function checkDefinition(
  kind: DefinitionKind,
  name: unknown,
  options: unknown,
  shapes: Readonly<Record<string, Shape>>,
): void {
  const named = faultsOf(text, name, 'name').map(({ path, is, fix }) => ({ reason: `its ${path} ${is}`, fix }))
  const wrong = faultsOf(object(shapes), options, '').map(({ path, is, fix }) => {
    if (is === null) return { reason: `unknown option ${path}`, fix }
    return { reason: path === '' ? `its argument options ${is}` : `its option ${path} ${is}`, fix }
  })
  refuse(typeof name === 'string' ? definitionLabel(kind, name) : kind, [...named, ...wrong])
}

/** Checks the arguments of a function that makes a part of a definition. Throws InvalidCall. */
export function checkArguments(
  name: string,
  shapes: Readonly<Record<string, Shape>>,
  values: Readonly<Record<string, unknown>>,
): void {
  const faults = Object.entries(shapes).flatMap(([argument, shape]) => faultsOf(shape, values[argument], argument))
  refuse(name, faults.map(argumentProblem))
}

function argumentProblem({ path, is, fix }: Fault) {
  return { reason: is === null ? `unknown option ${path}` : `its argument ${path} ${is}`, fix }
}

function refuse(name: string, problems: readonly Omit<CallProblem, 'name'>[]): void {
  if (problems.length > 0) throw new InvalidCall(problems.map((problem) => ({ name, ...problem })))
}

/** An asset's key; `destination crm` for what is no asset. */
function definitionLabel(kind: DefinitionKind, name: string): string {
  return (assetKinds as readonly string[]).includes(kind) ? `${kind}/${name}` : `${kind} ${name}`
}
