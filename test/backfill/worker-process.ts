/** A worker as a process of its own, to be killed: its configuration is in the first argument, as JSON. */
import { runWorker, type WorkerConfig } from '../../orchestrator/main/worker.ts'

const { projectDir, ...config } = JSON.parse(process.argv[2] ?? '{}') as WorkerConfigJson

export interface WorkerConfigJson extends Omit<WorkerConfig, 'projectDir' | 'secret' | 'onReady' | 'signal'> {
  readonly projectDir: string
}

await runWorker({
  ...config,
  projectDir: () => projectDir,
  secret: () => undefined,
  onReady: () => process.stdout.write('ready\n'),
})
