// Pooling over windows of one image, rows × columns × channels, four channels at a time; windows do not leave the image.
// Backward adds into dx, which the caller has cleared: windows may overlap.

/** y ← the largest of every window. */
export function maxPool(
  y: usize,
  x: usize,
  columns: u32,
  channels: u32,
  outRows: u32,
  outColumns: u32,
  window: u32,
  step: u32,
): void {
  const pixel: usize = (channels as usize) << 2;
  const line: usize = (columns as usize) * pixel;
  for (let i: u32 = 0; i < outRows; i++) {
    for (let j: u32 = 0; j < outColumns; j++) {
      const corner: usize = x + ((i * step) as usize) * line + ((j * step) as usize) * pixel;
      let c: u32 = 0;
      for (; c + (4 as u32) <= channels; c += 4, y += 16) {
        const from: usize = corner + ((c as usize) << 2);
        let best: v128 = v128.load(from);
        for (let ky: u32 = 0; ky < window; ky++) {
          for (let kx: u32 = 0; kx < window; kx++) {
            best = v128.pmax<f32>(best, v128.load(from + (ky as usize) * line + (kx as usize) * pixel));
          }
        }
        v128.store(y, best);
      }
      for (; c < channels; c++, y += 4) {
        const from: usize = corner + ((c as usize) << 2);
        let best: f32 = load<f32>(from);
        for (let ky: u32 = 0; ky < window; ky++) {
          for (let kx: u32 = 0; kx < window; kx++) {
            const v: f32 = load<f32>(from + (ky as usize) * line + (kx as usize) * pixel);
            best = best < v ? v : best;
          }
        }
        store<f32>(y, best);
      }
    }
  }
}

/** dx += dy at the first entry of every window that equals its largest. */
export function maxPoolGradient(
  dx: usize,
  dy: usize,
  x: usize,
  y: usize,
  columns: u32,
  channels: u32,
  outRows: u32,
  outColumns: u32,
  window: u32,
  step: u32,
): void {
  const pixel: usize = (channels as usize) << 2;
  const line: usize = (columns as usize) * pixel;
  for (let i: u32 = 0; i < outRows; i++) {
    for (let j: u32 = 0; j < outColumns; j++) {
      const corner: usize = ((i * step) as usize) * line + ((j * step) as usize) * pixel;
      let c: u32 = 0;
      for (; c + (4 as u32) <= channels; c += 4, y += 16, dy += 16) {
        const from: usize = corner + ((c as usize) << 2);
        const best: v128 = v128.load(y);
        const d: v128 = v128.load(dy);
        let open: v128 = v128.splat<i32>(-1);
        for (let ky: u32 = 0; ky < window; ky++) {
          for (let kx: u32 = 0; kx < window; kx++) {
            const at: usize = from + (ky as usize) * line + (kx as usize) * pixel;
            const hit: v128 = v128.and(v128.eq<f32>(v128.load(x + at), best), open);
            v128.store(dx + at, v128.add<f32>(v128.load(dx + at), v128.and(d, hit)));
            open = v128.andnot(open, hit);
          }
        }
      }
      for (; c < channels; c++, y += 4, dy += 4) {
        const from: usize = corner + ((c as usize) << 2);
        const best: f32 = load<f32>(y);
        let open: boolean = true;
        for (let ky: u32 = 0; ky < window; ky++) {
          for (let kx: u32 = 0; kx < window; kx++) {
            const at: usize = from + (ky as usize) * line + (kx as usize) * pixel;
            if (open && load<f32>(x + at) === best) {
              store<f32>(dx + at, load<f32>(dx + at) + load<f32>(dy));
              open = false;
            }
          }
        }
      }
    }
  }
}

/** y ← the mean of every window. */
export function averagePool(
  y: usize,
  x: usize,
  columns: u32,
  channels: u32,
  outRows: u32,
  outColumns: u32,
  windowRows: u32,
  windowColumns: u32,
  step: u32,
): void {
  const pixel: usize = (channels as usize) << 2;
  const line: usize = (columns as usize) * pixel;
  const share: f32 = (1 as f32) / ((windowRows * windowColumns) as f32);
  for (let i: u32 = 0; i < outRows; i++) {
    for (let j: u32 = 0; j < outColumns; j++) {
      const corner: usize = x + ((i * step) as usize) * line + ((j * step) as usize) * pixel;
      let c: u32 = 0;
      for (; c + (4 as u32) <= channels; c += 4, y += 16) {
        const from: usize = corner + ((c as usize) << 2);
        let total: v128 = v128.splat<f32>(0);
        for (let ky: u32 = 0; ky < windowRows; ky++) {
          for (let kx: u32 = 0; kx < windowColumns; kx++) {
            total = v128.add<f32>(total, v128.load(from + (ky as usize) * line + (kx as usize) * pixel));
          }
        }
        v128.store(y, v128.mul<f32>(total, v128.splat<f32>(share)));
      }
      for (; c < channels; c++, y += 4) {
        const from: usize = corner + ((c as usize) << 2);
        let total: f32 = 0;
        for (let ky: u32 = 0; ky < windowRows; ky++) {
          for (let kx: u32 = 0; kx < windowColumns; kx++) {
            total += load<f32>(from + (ky as usize) * line + (kx as usize) * pixel);
          }
        }
        store<f32>(y, total * share);
      }
    }
  }
}

/** dx += dy / window at every entry of every window. */
export function averagePoolGradient(
  dx: usize,
  dy: usize,
  columns: u32,
  channels: u32,
  outRows: u32,
  outColumns: u32,
  windowRows: u32,
  windowColumns: u32,
  step: u32,
): void {
  const pixel: usize = (channels as usize) << 2;
  const line: usize = (columns as usize) * pixel;
  const share: f32 = (1 as f32) / ((windowRows * windowColumns) as f32);
  for (let i: u32 = 0; i < outRows; i++) {
    for (let j: u32 = 0; j < outColumns; j++) {
      const corner: usize = dx + ((i * step) as usize) * line + ((j * step) as usize) * pixel;
      for (let c: u32 = 0; c < channels; c++, dy += 4) {
        const d: f32 = load<f32>(dy) * share;
        const from: usize = corner + ((c as usize) << 2);
        for (let ky: u32 = 0; ky < windowRows; ky++) {
          for (let kx: u32 = 0; kx < windowColumns; kx++) {
            const at: usize = from + (ky as usize) * line + (kx as usize) * pixel;
            store<f32>(at, load<f32>(at) + d);
          }
        }
      }
    }
  }
}
