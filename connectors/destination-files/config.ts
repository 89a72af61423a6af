import { z } from 'zod'

export const formatNames = ['jsonl', 'csv', 'parquet'] as const
export const compressionNames = ['none', 'gzip', 'snappy', 'zstd'] as const

export const configSchema = z
  .object({
    folder: z.string().min(1).optional().meta({
      title: 'Folder',
      description: 'An absolute path on the machine of the worker. Or give a bucket.',
      order: 0,
    }),
    bucket: z
      .string()
      .min(3)
      .max(63)
      .optional()
      .meta({ title: 'Bucket of S3, or of a store that speaks it', order: 1 }),
    prefix: z
      .string()
      .regex(/^[^/\\].*$/)
      .optional()
      .meta({ title: 'Prefix of all names in the bucket', description: 'For example exports/crm', order: 2 }),
    region: z.string().min(1).default('us-east-1').meta({ title: 'Region of the bucket', order: 3 }),
    endpoint: z
      .url({ protocol: /^https?$/ })
      .optional()
      .meta({ title: 'Address of the store', description: 'If it is not Amazon’s.', order: 4 }),
    path_style: z.boolean().default(false).meta({
      title: 'The bucket is in the path',
      description: 'As most stores other than Amazon’s want it, rather than in the host’s name.',
      order: 5,
    }),
    access_key_id: z.string().min(1).optional().meta({
      title: 'Access key id',
      description: 'Without one, the role or profile of the machine is used.',
      order: 6,
    }),
    secret_access_key: z.string().min(1).optional().meta({
      title: 'Secret access key',
      airbyte_secret: true,
      order: 7,
    }),
    session_token: z.string().min(1).optional().meta({
      title: 'Session token of temporary credentials',
      airbyte_secret: true,
      order: 8,
    }),
    format: z.enum(formatNames).default('jsonl').meta({ title: 'Format', order: 9 }),
    compression: z.enum(compressionNames).optional().meta({
      title: 'Compression',
      description: 'JSON lines and CSV: none (default) or gzip. Parquet: none, gzip, snappy, zstd (default).',
      order: 10,
    }),
    path: z.string().min(1).default('{stream}/{date}').meta({
      title: 'Folders of a file',
      description:
        'With {stream}, and as you like {date} and {hour} (when the sync run began, in UTC) and {run}. The file’s own name is that of its batch.',
      order: 11,
    }),
    bookkeeping: z.boolean().default(false).meta({
      title: 'Say of each row what it is',
      description: 'Columns _operation, _synced_at, _sync_run. Logs of changes have them anyway.',
      order: 12,
    }),
    spreadsheet_safe: z.boolean().default(false).meta({
      title: 'CSV for spreadsheets',
      description: 'Puts an apostrophe before texts that a spreadsheet would take for a formula.',
      order: 13,
    }),
    timeout_seconds: z.number().positive().default(60).meta({
      title: 'Longest wait for the store’s answer, in seconds',
      order: 14,
    }),
  })
  .refine(({ folder, bucket }) => (folder === undefined) !== (bucket === undefined), {
    message: 'give either folder or bucket',
  })
  .refine(({ folder }) => folder === undefined || folder.startsWith('/'), {
    path: ['folder'],
    message: 'should be an absolute path',
  })
  .refine((config) => (config.access_key_id === undefined) === (config.secret_access_key === undefined), {
    path: ['secret_access_key'],
    message: 'give access_key_id and secret_access_key together, or neither',
  })
  .refine(({ format, compression }) => format === 'parquet' || (compression !== 'snappy' && compression !== 'zstd'), {
    path: ['compression'],
    message: 'should be none or gzip, unless the format is parquet',
  })
  .refine(({ path }) => path.includes('{stream}'), {
    path: ['path'],
    message: 'should contain {stream}, or files of different streams could have the same name',
  })
  .refine(
    ({ path }) =>
      path.split('/').every((part) => /^(?:\{(?:stream|date|hour|run)\}|[\w=.-])+$/.test(part) && !/^\.+$/.test(part)),
    {
      path: ['path'],
      message:
        'should be names of letters, digits, _, -, ., = and {stream}, {date}, {hour}, {run}, with / between them',
    },
  )

export type FilesConfig = z.output<typeof configSchema>
