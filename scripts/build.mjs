// npm run build: the kernels (AssemblyScript → embedded modules), then every package.
import { buildKernels } from './kernels.mjs';
import { ensureBuilt, ensureInstalled } from './setup.mjs';

await ensureInstalled();
await buildKernels({ check: false });
await ensureBuilt();
