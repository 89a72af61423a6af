import { TraitlineError, type SourceLocation } from '../contract/index.ts'

/** One thing that is wrong with a project. */
export interface Problem {
  /** The asset's key, or `destination crm`. */
  readonly name: string
  readonly at: SourceLocation | null
  readonly reason: string
  readonly fix: string
}

/** Collects problems, so that all of them are told at once. */
export interface Problems {
  readonly list: readonly Problem[]
  add(problem: Problem): void
  /** Throws PROJECT_INVALID if there is a problem. */
  throwIfAny(project: string): void
}

export function createProblems(): Problems {
  const list: Problem[] = []
  return {
    list,
    add: (problem) => void list.push(problem),
    throwIfAny: (project) => {
      if (list.length > 0) throw projectInvalid(`the project ${project}`, list)
    },
  }
}

/** PROJECT_INVALID with all that is wrong. `subject` is what has the problems: `the project shop`. */
export function projectInvalid(subject: string, problems: readonly Problem[]): TraitlineError {
  const lines = [...problems]
    .sort((a, b) => order(a).localeCompare(order(b)))
    .map(
      ({ name, at, reason, fix }) =>
        `  ${name}${at === null ? '' : ` (${at.file}:${at.line})`}: ${reason}. ${fix}${fix.endsWith('?') ? '' : '.'}`,
    )
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`
  return new TraitlineError({
    code: 'PROJECT_INVALID',
    message: [`${subject} has ${count}:`, ...lines].join('\n'),
    hint: 'Nothing was deployed. Mend what is listed and deploy again.',
    blame: 'user',
  })
}

/** By place in the files, then by name. */
function order({ at, name }: Problem): string {
  return `${at?.file ?? '~'}:${String(at?.line ?? 0).padStart(6, '0')}:${name}`
}
