import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** The programs that a build needs or can use. */
export interface Tools {
  ninja: boolean;
  nvcc: boolean;
  glslc: boolean;
  /** What is missing, a sentence with the remedy; null if a build can start. */
  fault: string | null;
}

/** Finds the build's programs on the PATH. */
export async function findTools(platform: NodeJS.Platform = process.platform): Promise<Tools> {
  const [git, cmake, compiler, ninja, make, nvcc, glslc] = await Promise.all([
    isInstalled('git'),
    isInstalled('cmake'),
    isInstalled(...compilers()),
    isInstalled('ninja'),
    isInstalled('make', 'gmake'),
    isInstalled('nvcc'),
    isInstalled('glslc'),
  ]);
  const missing = [
    ...(git ? [] : ['git']),
    ...(cmake ? [] : ['cmake']),
    ...(compiler ? [] : ['a C++ compiler']),
    ...(ninja || make ? [] : ['make']),
  ];
  return { ninja, nvcc, glslc, fault: faultOf(missing, platform) };
}

/** The compilers of which cmake takes the first. */
function compilers(): string[] {
  const { CXX } = process.env;
  // CXX may have flags behind the program.
  return CXX ? CXX.trim().split(/\s+/).slice(0, 1) : ['c++', 'g++', 'clang++'];
}

/** Says which programs are missing and how to get them; null where none is. */
export function faultOf(missing: readonly string[], platform: NodeJS.Platform): string | null {
  if (platform === 'win32')
    return 'headway build does not know Windows yet; the prebuilt binary works there without it';
  if (missing.length === 0) return null;
  const what = `${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing`;
  const remedy =
    platform === 'darwin'
      ? "install Apple's compiler (xcode-select --install) and cmake (brew install cmake)"
      : 'install what your system calls them (Debian, Ubuntu: apt install git cmake g++ make; Alpine: apk add git cmake g++ make)';
  return `${what}; ${remedy}`;
}

async function isInstalled(...names: string[]): Promise<boolean> {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  for (const name of names) {
    const paths = name.includes('/') ? [name] : folders.map((folder) => join(folder, name));
    for (const path of paths) {
      const runs = await access(path, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (runs) return true;
    }
  }
  return false;
}
