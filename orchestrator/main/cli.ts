#!/usr/bin/env node
import { createProgram } from './program.ts'
import { exitCodes, reportError } from './output.ts'

// Whoever read the output has read enough: `traitline runs | head -1`.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : exitCodes.failed))
}

const program = createProgram(process.env)
try {
  await program.parseAsync()
} catch (error) {
  const code = (error as { code?: unknown }).code
  // Commander has printed these itself.
  if (typeof code === 'string' && code.startsWith('commander.')) {
    process.exitCode = (error as { exitCode: number }).exitCode === 0 ? 0 : exitCodes.usage
  } else {
    process.exitCode = reportError(error, program.opts()['verbose'] === true, process.argv.includes('--json'))
  }
}

// A command that has ended is not kept by what a library left open.
setTimeout(() => process.exit(), 2_000).unref()
