// A blob as a part of the page has it: undefined while it is looked for, null where it is nowhere.
import type { BlobName } from '@sumus/federation/run';
import { useEffect, useState } from 'preact/hooks';
import { blobOf, shelved } from './shelf.ts';

export function useBlob(name: BlobName | null): Uint8Array<ArrayBuffer> | null | undefined {
  const [found, setFound] = useState<Uint8Array<ArrayBuffer> | null | undefined>(undefined);
  const hash = name?.sha256;
  const arrived = shelved.value;
  useEffect(() => {
    let isOn = true;
    if (name === null) setFound(null);
    else {
      blobOf(name).then(
        (bytes) => isOn && setFound(bytes),
        () => isOn && setFound(null),
      );
    }
    return () => {
      isOn = false;
    };
  }, [hash, arrived]);
  return found;
}
