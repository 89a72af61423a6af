import { TraitlineError, type NotebookSpec } from '../../orchestrator/contract/index.ts'
import { withoutValues, type ProcessEnd } from '../../orchestrator/process/index.ts'
import type { Told } from './execute.ts'
import type { NotebookFolder } from './folder.ts'

type Failed = Extract<Told, { readonly event: 'failed' }>

export function notebookFailed(spec: NotebookSpec, folder: NotebookFolder, told: Failed): TraitlineError {
  return failures[told.type](spec, folder, told)
}

const failures: Readonly<
  Record<Failed['type'], (spec: NotebookSpec, folder: NotebookFolder, told: Failed) => TraitlineError>
> = {
  cell(spec, folder, { cell, error, message }) {
    const where = typeof cell === 'number' ? `in cell [${cell}]` : 'in a cell'
    const said = firstLine(message)
    return new TraitlineError({
      code: 'NOTEBOOK_FAILED',
      message: `${spec.path} raised ${error ?? 'an error'} ${where}${said === '' ? '' : `: ${said}`}`,
      hint: `The executed notebook shows all of it: ${folder.executedName} under TRAITLINE_HOME.`,
      blame: 'user',
    })
  },
  notebook(spec, _folder, { error, message }) {
    return new TraitlineError({
      code: 'NOTEBOOK_INVALID',
      message: `${spec.path} cannot be executed: ${error ?? 'error'}: ${firstLine(message)}`,
      hint: 'Open it with Jupyter, check its parameters and save it again.',
      blame: 'user',
    })
  },
  kernel_missing: (spec) =>
    new TraitlineError({
      code: 'KERNEL_MISSING',
      message: `${spec.path} asks for the kernel ${spec.kernel}, which is not installed`,
      hint: 'Choose python3, or install that kernel on the worker’s machine: jupyter kernelspec list shows what is there.',
      blame: 'user',
    }),
  kernel_died: (spec) =>
    new TraitlineError({
      code: 'KERNEL_DIED',
      message: `The kernel of ${spec.path} died`,
      hint: 'Most often it ran out of memory: let it read fewer columns, or give the machine more.',
      blame: 'system',
    }),
}

export function notebookTimedOut(spec: NotebookSpec, folder: NotebookFolder): TraitlineError {
  return new TraitlineError({
    code: 'NOTEBOOK_TIMEOUT',
    message: `${spec.path} did not end within ${spec.timeoutSeconds} s and was stopped`,
    hint: `Allow it more (timeoutSeconds), or see how far it came: ${folder.executedName} under TRAITLINE_HOME.`,
    blame: 'user',
  })
}

export function noOutput(spec: NotebookSpec): TraitlineError {
  return new TraitlineError({
    code: 'NOTEBOOK_WITHOUT_OUTPUT',
    message: `${spec.path} ran to its end, but handed nothing back`,
    hint: `Call traitline.output(df) in it, with the columns ${spec.columns.map((column) => column.name).join(', ')}.`,
    blame: 'user',
  })
}

export function outputInvalid(spec: NotebookSpec, problem: string): TraitlineError {
  return new TraitlineError({
    code: 'NOTEBOOK_OUTPUT_INVALID',
    message: `The output of ${spec.path} is not taken over: ${problem}`,
    hint: 'Hand back one row for each value of the key. The table still holds the output of the run before.',
    blame: 'user',
  })
}

export function pythonMissing(executable: string, cause: TraitlineError): TraitlineError {
  return new TraitlineError({
    code: 'PYTHON_MISSING',
    message: `The Python that runs notebooks cannot be started: ${cause.message}`,
    hint: `Remove the folder of the Python environment above ${executable} so that it is made again, or let TRAITLINE_PYTHON_ENV name another.`,
    blame: 'config',
    cause,
  })
}

export function pythonBroken(
  spec: NotebookSpec,
  executable: string,
  end: ProcessEnd,
  lastError: string,
): TraitlineError {
  if (end.signal !== null) {
    return new TraitlineError({
      code: 'NOTEBOOK_KILLED',
      message: `${spec.path} was ended by ${end.signal}`,
      hint: 'See whether the machine ran out of memory, then materialise again.',
      blame: 'system',
    })
  }
  return new TraitlineError({
    code: 'PYTHON_BROKEN',
    message: `${executable} could not execute ${spec.path}: ${lastError === '' ? `it left with code ${end.code}` : lastError}`,
    hint: 'Remove the folder of the Python environment so that it is made again.',
    blame: 'config',
  })
}

function firstLine(message: string | undefined): string {
  return withoutValues(message ?? '', { lines: 1, length: 500 })
}

export function resourceMissing(spec: NotebookSpec, name: string): TraitlineError {
  return new TraitlineError({
    code: 'MANIFEST_INCONSISTENT',
    message: `${spec.path} asks for the resource ${name}, which the manifest does not have`,
    hint: 'Deploy the project again.',
    blame: 'config',
  })
}
