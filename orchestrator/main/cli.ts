#!/usr/bin/env node
import { createProgram } from './program.ts'
import { exitCodes, reportError } from './output.ts'

const program = createProgram(process.env)
try {
  await program.parseAsync()
} catch (error) {
  const code = (error as { code?: unknown }).code
  // Commander has printed these itself.
  if (typeof code === 'string' && code.startsWith('commander.')) {
    process.exitCode = (error as { exitCode: number }).exitCode === 0 ? 0 : exitCodes.usage
  } else {
    process.exitCode = reportError(error, program.opts()['verbose'] === true)
  }
}

// A command that has ended is not kept by what a library left open.
setTimeout(() => process.exit(), 2_000).unref()
