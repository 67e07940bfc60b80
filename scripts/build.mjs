// npm run build: the kernels (AssemblyScript → embedded modules), then every package, then the pages.
import { buildKernels } from './kernels.mjs';
import { ensurePages } from './pages.mjs';
import { ensureBuilt, ensureInstalled } from './setup.mjs';

await ensureInstalled();
await buildKernels({ check: false });
await ensureBuilt();
await ensurePages();
