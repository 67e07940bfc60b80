// Tiles at an edge of the result: computed whole into scratch, then the part that exists is copied or added.

export function copyTile(target: usize, rowBytes: usize, edge: usize, height: u32, width: u32): void {
  for (let y: u32 = 0; y < height; y++) {
    for (let x: u32 = 0; x < width; x++)
      store<f32>(target + ((x as usize) << 2), load<f32>(edge + ((x as usize) << 2)));
    target += rowBytes;
    edge += 32;
  }
}

export function addTile(target: usize, rowBytes: usize, edge: usize, height: u32, width: u32): void {
  for (let y: u32 = 0; y < height; y++) {
    for (let x: u32 = 0; x < width; x++) {
      const at: usize = target + ((x as usize) << 2);
      store<f32>(at, load<f32>(at) + load<f32>(edge + ((x as usize) << 2)));
    }
    target += rowBytes;
    edge += 32;
  }
}
