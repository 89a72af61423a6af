import { join } from 'node:path'
import { packageRoot, privateDir, writePrivateFile } from '../../orchestrator/process/index.ts'

/** Folder of the Python that runs notebooks, and of the module that notebooks import. */
export function helperFolder(): string {
  return join(packageRoot(), 'activities/python/traitline_notebook')
}

/**
 * Makes Jupyter find the environment's own Python as the kernel `python3`, whatever else the machine has under that
 * name; other kernels are found where the user installed them. What Jupyter writes stays under home. Answers the
 * variables that tell Jupyter so.
 */
export async function ensureKernel(home: string, pythonExecutable: string): Promise<Readonly<Record<string, string>>> {
  const folder = join(home, 'jupyter')
  const spec = {
    argv: [pythonExecutable, join(helperFolder(), 'kernel.py'), '--log-level=40', '-f', '{connection_file}'],
    display_name: 'Python 3',
    language: 'python',
  }
  await writePrivateFile(join(folder, 'kernels/python3/kernel.json'), JSON.stringify(spec, null, 2))
  const [config, runtime, ipython] = await Promise.all(
    ['config', 'runtime', 'ipython'].map((name) => privateDir(join(folder, name))),
  )
  return {
    JUPYTER_PATH: folder,
    JUPYTER_CONFIG_DIR: config as string,
    JUPYTER_RUNTIME_DIR: runtime as string,
    IPYTHONDIR: ipython as string,
  }
}
