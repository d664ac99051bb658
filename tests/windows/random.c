/* bcryptprimitives.dll for Wine 8, which has none: every Rust program asks it for random bytes.
 * For tests only; Windows has its own. */
#include <windows.h>
#include <ntsecapi.h>

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T count)
{
    while (count > 0) {
        ULONG now = count > 65536 ? 65536 : (ULONG)count;
        if (!RtlGenRandom(bytes, now))
            return FALSE;
        bytes += now;
        count -= now;
    }
    return TRUE;
}
