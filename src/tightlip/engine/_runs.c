/* Runs of text that may be base64 or hexadecimal: what runs.py does, in native code.

   Nearly all runs are identifiers, paths and checksums, so each is judged here, by what its first characters decode to. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__) || defined(_M_X64)
#include <emmintrin.h>
#define HAS_SSE2 1
#if defined(__GNUC__)
#include <immintrin.h>
#define HAS_AVX2 1 /* if the processor has it, too */
#endif
#endif

#if defined(__GNUC__)
#define ALWAYS_INLINE static inline __attribute__((always_inline))
#else
#define ALWAYS_INLINE static inline
#endif

enum { SHORTEST = 12, LONG = 27, LINE = 32, CUT = 64, MOST_BETWEEN = 64, MOST_LOOKED_AT = 1 << 14 };
enum { STRETCH = 12, SHIFTED_STRETCH = 20, HEX_STRETCH = 10 };
enum { OTHER = 64, NO = 255 };

static uint8_t value[256];    /* of a character in base64, NO for any other */
static uint8_t nibble[256];   /* of a hexadecimal digit, NO for any other */
static uint8_t readable[256]; /* 1 for bytes of text */
static uint8_t maybe[256];    /* 1 for these and NUL, of which UTF-16 is full */
static uint8_t between[256];  /* 1 for what may stand between two lines of one run */

typedef struct {
    const uint8_t *data;
    Py_ssize_t size;
    Py_ssize_t *ends; /* begin and end of each piece of the run at hand */
    Py_ssize_t pieces, room;
} Text;

static void
fill_tables(void)
{
    const char *alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    memset(value, NO, sizeof value);
    memset(nibble, NO, sizeof nibble);
    for (int at = 0; at < 64; at++) {
        value[(uint8_t)alphabet[at]] = (uint8_t)at;
    }
    value['-'] = 62;
    value['_'] = 63;
    for (int at = 0; at < 10; at++) {
        nibble['0' + at] = (uint8_t)at;
    }
    for (int at = 0; at < 6; at++) {
        nibble['a' + at] = nibble['A' + at] = (uint8_t)(10 + at);
    }
    for (int byte = ' '; byte < 127; byte++) {
        readable[byte] = 1;
    }
    readable['\t'] = readable['\n'] = readable['\r'] = 1;
    memcpy(maybe, readable, sizeof maybe);
    maybe[0] = 1;
    for (const char *at = " \t\r\n\"'`,+\\#*>;"; *at; at++) {
        between[(uint8_t)*at] = 1;
    }
}

static Py_ssize_t
end_of(const Text *text, Py_ssize_t at)
{
    while (at < text->size && value[text->data[at]] != NO) {
        at++;
    }
    return at;
}

/* Whether a piece of text that was cut out of a larger one ends here; `data` is then not all of a run. */
static int
is_cut(const Text *text, Py_ssize_t at)
{
    return at < 0 || at >= text->size || text->data[at] == 0xfe;
}

/* The place after what may stand between two lines of a run; `at` where it may not. */
static Py_ssize_t
next_line(const Text *text, Py_ssize_t at)
{
    const uint8_t *data = text->data;
    Py_ssize_t most = at + MOST_BETWEEN < text->size ? at + MOST_BETWEEN : text->size, next = at;
    int lines = 0, quotes = 0;
    while (next < most && between[data[next]]) {
        if (data[next] == '\\' && next + 1 < most && (data[next + 1] == 'n' || data[next + 1] == 'r')) {
            lines++;
            next++;
        }
        lines += data[next] == '\n';
        quotes += data[next] == '"' || data[next] == '\'' || data[next] == '`';
        next++;
    }
    return lines || quotes > 1 ? next : at;
}

static int
keep(Text *text, Py_ssize_t start, Py_ssize_t end)
{
    if (text->pieces == text->room) {
        Py_ssize_t room = text->room ? 2 * text->room : 64;
        Py_ssize_t *ends = PyMem_Realloc(text->ends, (size_t)room * 2 * sizeof *ends);
        if (!ends) {
            PyErr_NoMemory();
            return -1;
        }
        text->ends = ends;
        text->room = room;
    }
    text->ends[2 * text->pieces] = start;
    text->ends[2 * text->pieces + 1] = end;
    text->pieces++;
    return 0;
}

/* Take a run with the lines that go on with it. Return 1 where it may go on beyond the text, -1 without memory. */
static int
take(Text *text, Py_ssize_t start, Py_ssize_t end)
{
    Py_ssize_t before = start;
    while (before > 0 && start - before < MOST_BETWEEN && between[text->data[before - 1]]) {
        before--;
    }
    int was_cut = is_cut(text, before - 1), is_first = 1;
    text->pieces = 0;
    for (;;) {
        if (keep(text, start, end) < 0) {
            return -1;
        }
        Py_ssize_t size = end - start, next = next_line(text, end), after = end_of(text, next);
        if (is_cut(text, next)) {
            return 1;
        }
        int may_go_on = (is_first && was_cut) || (size >= LINE && (size % 4 == 0 || after - next == size));
        if (next == end || after == next || !may_go_on) {
            return was_cut;
        }
        is_first = 0;
        start = next;
        end = after;
    }
}

static int
follows_a_key(const Text *text, Py_ssize_t at)
{
    const uint8_t *data = text->data;
    at--;
    if (at >= 0 && (data[at] == '"' || data[at] == '\'')) {
        at--;
    }
    for (int spaces = 0; at >= 0 && data[at] == ' ' && spaces < 2; spaces++) {
        at--;
    }
    return at >= 0 && (data[at] == ':' || data[at] == '=' || (data[at] == '>' && at && data[at - 1] == '='));
}

/* The index of the first of so many bytes of text in a row; a NUL between two, as in UTF-16, is none. -1 if none. */
static Py_ssize_t
readable_from(const uint8_t *bytes, Py_ssize_t count, Py_ssize_t wanted)
{
    Py_ssize_t begin = 0, seen = 0;
    for (Py_ssize_t at = 0; at < count; at++) {
        if (readable[bytes[at]]) {
            if (++seen >= wanted) {
                return begin;
            }
        }
        else if (bytes[at] || !seen || !bytes[at - 1]) {
            seen = 0;
            begin = at + 1;
        }
    }
    return -1;
}

static Py_ssize_t
decode(const uint8_t *characters, Py_ssize_t count, int is_hex, uint8_t *bytes)
{
    Py_ssize_t made = 0;
    for (Py_ssize_t at = 0; is_hex && at + 2 <= count; at += 2) {
        bytes[made++] = (uint8_t)(nibble[characters[at]] << 4 | nibble[characters[at + 1]]);
    }
    for (Py_ssize_t at = 0; !is_hex && at + 4 <= count; at += 4) {
        uint32_t bits = (uint32_t)value[characters[at]] << 18 | (uint32_t)value[characters[at + 1]] << 12 |
                        (uint32_t)value[characters[at + 2]] << 6 | value[characters[at + 3]];
        bytes[made++] = (uint8_t)(bits >> 16);
        bytes[made++] = (uint8_t)(bits >> 8);
        bytes[made++] = (uint8_t)bits;
    }
    return made;
}

/* Whether four characters make nothing but bytes of text. */
static inline int
is_text(const uint8_t *characters)
{
    unsigned first = value[characters[0]], second = value[characters[1]], third = value[characters[2]];
    return maybe[first << 2 | second >> 4] && maybe[(second & 15) << 4 | third >> 2] &&
           maybe[(third & 3) << 6 | value[characters[3]]];
}

/* Whether so many bytes of text may lie in a row: they hold three quads in a row, of which every third is looked at. */
static int
may_be_readable(const uint8_t *characters, Py_ssize_t count, Py_ssize_t at)
{
    for (at += 8; at + 4 <= count; at += 12) {
        if (is_text(characters + at) &&
            (is_text(characters + at - 4) || (at + 8 <= count && is_text(characters + at + 4)))) {
            return 1;
        }
    }
    return 0;
}

static int
begins(const uint8_t *characters, Py_ssize_t count, const char *const *starts)
{
    for (; *starts; starts++) {
        Py_ssize_t size = (Py_ssize_t)strlen(*starts);
        if (size <= count && !memcmp(characters, *starts, (size_t)size)) {
            return 1;
        }
    }
    return 0;
}

/* gzip, zip, bzip2, xz, UTF-16 */
static const char *const CONTAINERS[] = {"H4sI", "UEsDB", "QlpoO", "Qlpo", "/Td6WF", "//4", "/v8", NULL};
/* PNG, JPEG, GIF, WOFF, TrueType, WebAssembly, OpenType, RIFF, DER */
static const char *const NOT_TEXT[] = {"iVBORw0KGgo", "/9j/", "R0lGOD", "d09G", "AAEAAAD", "AGFzbQ", "T1RUTw", "UklGR",
                                       "MII", NULL};

/* The place in the run from which on it is worth decoding, in characters; -1 for none. */
static Py_ssize_t
worth_from(const Text *text)
{
    uint8_t joined[MOST_LOOKED_AT], bytes[MOST_LOOKED_AT];
    const uint8_t *characters = text->data + text->ends[0];
    Py_ssize_t count = text->ends[1] - text->ends[0];
    if (text->pieces > 1) {
        characters = joined;
        count = 0;
    }
    for (Py_ssize_t piece = 0; text->pieces > 1 && piece < text->pieces && count < MOST_LOOKED_AT; piece++) {
        Py_ssize_t start = text->ends[2 * piece], size = text->ends[2 * piece + 1] - start;
        size = size < MOST_LOOKED_AT - count ? size : MOST_LOOKED_AT - count;
        memcpy(joined + count, text->data + start, (size_t)size);
        count += size;
    }
    count = count < MOST_LOOKED_AT ? count : MOST_LOOKED_AT;
    Py_ssize_t from = count > 2 && characters[0] == '0' && characters[1] == 'x' ? 2 : 0, digits = from;
    while (digits < count && nibble[characters[digits]] != NO) {
        digits++;
    }
    int is_hex = digits == count;
    if (count < LONG) {
        from = is_hex ? from : 0;
        Py_ssize_t made = decode(characters + from, count - from, is_hex, bytes);
        return readable_from(bytes, made, made) == 0 ? from : -1;
    }
    if (is_hex || (from && digits >= LONG)) {
        Py_ssize_t made = decode(characters + from, digits - from, 1, bytes);
        Py_ssize_t first = readable_from(bytes, made, HEX_STRETCH);
        return first < 0 ? -1 : from + 2 * first;
    }
    if (strchr("HQU/", characters[0]) && begins(characters, count, CONTAINERS)) {
        return 0;
    }
    for (int phase = 0; phase < 4; phase++) {
        if (!may_be_readable(characters, count, phase)) {
            continue;
        }
        Py_ssize_t made = decode(characters + phase, count - phase, 0, bytes);
        Py_ssize_t first = readable_from(bytes, made, phase ? SHIFTED_STRETCH : STRETCH);
        if (first >= 0) {
            return begins(characters, count, NOT_TEXT) ? -1 : phase + first / 3 * 4;
        }
    }
    return -1;
}

/* Add the run that begins at `start` to `found`, if it is worth it. Return where to go on, -1 for an error. */
static Py_ssize_t
judge(Text *text, Py_ssize_t start, PyObject *found)
{
    Py_ssize_t end = end_of(text, start), first = 0, size = 0;
    if (end - start < LONG && !follows_a_key(text, start)) {
        return end;
    }
    int may_go_on = take(text, start, end);
    if (may_go_on < 0) {
        return -1;
    }
    for (Py_ssize_t piece = 0; piece < text->pieces; piece++) {
        size += text->ends[2 * piece + 1] - text->ends[2 * piece];
    }
    Py_ssize_t from = worth_from(text);
    end = text->ends[2 * text->pieces - 1];
    if (from < 0 && (!may_go_on || size < CUT)) {
        return end;
    }
    for (from = from < 0 ? 0 : from; from >= text->ends[2 * first + 1] - text->ends[2 * first]; first++) {
        from -= text->ends[2 * first + 1] - text->ends[2 * first];
    }
    text->ends[2 * first] += from;
    PyObject *run = PyTuple_New(2 * (text->pieces - first));
    for (Py_ssize_t at = 0; run && at < 2 * (text->pieces - first); at++) {
        PyObject *place = PyLong_FromSsize_t(text->ends[2 * first + at]);
        if (!place) {
            Py_CLEAR(run);
            break;
        }
        PyTuple_SET_ITEM(run, at, place);
    }
    int failed = !run || PyList_Append(found, run) < 0;
    Py_XDECREF(run);
    return failed ? -1 : end;
}

#ifdef HAS_SSE2
typedef struct {
    uint64_t members; /* which of 64 bytes are characters of base64, the first in the lowest bit */
    uint64_t signs;   /* which are a colon or an equals sign, or one of the others that lie between these two */
} Bits;

ALWAYS_INLINE Bits
bits_sse2(const uint8_t *data)
{
    Bits bits = {0, 0};
    for (int part = 0; part < 4; part++) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(data + 16 * part));
        __m128i lower = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
        __m128i letter = _mm_cmplt_epi8(_mm_add_epi8(lower, _mm_set1_epi8((char)(128 - 'a'))), _mm_set1_epi8(-128 + 26));
        __m128i digit = _mm_cmplt_epi8(_mm_add_epi8(bytes, _mm_set1_epi8((char)(128 - '/'))), _mm_set1_epi8(-128 + 11));
        __m128i other = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('+')),
                                     _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('-')),
                                                  _mm_cmpeq_epi8(bytes, _mm_set1_epi8('_'))));
        __m128i any = _mm_or_si128(_mm_or_si128(letter, digit), other);
        __m128i sign = _mm_cmplt_epi8(_mm_add_epi8(bytes, _mm_set1_epi8((char)(128 - ':'))), _mm_set1_epi8(-128 + 4));
        bits.members |= (uint64_t)(uint32_t)_mm_movemask_epi8(any) << (16 * part);
        bits.signs |= (uint64_t)(uint32_t)_mm_movemask_epi8(sign) << (16 * part);
    }
    return bits;
}

#ifdef HAS_AVX2
/* The same by the halves of each byte: a byte is one of them where what is possible with both has a bit in common. */
ALWAYS_INLINE __attribute__((target("avx2"))) Bits
bits_avx2(const uint8_t *data)
{
    /* 1: + - /, 2: digits, 4: A to O and a to o, 8: P to Z and _, 16: p to z, 32: signs */
    const __m256i by_low = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(26, 30, 30, 30, 30, 30, 30, 30, 30, 30, 60, 37, 36, 37, 4, 13));
    const __m256i by_high =
        _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 0, 1, 34, 4, 8, 4, 16, 0, 0, 0, 0, 0, 0, 0, 0));
    const __m256i half = _mm256_set1_epi8(15), members = _mm256_set1_epi8(31), none = _mm256_setzero_si256();
    uint32_t found[2], signs[2];
#pragma GCC unroll 2
    for (int part = 0; part < 2; part++) {
        __m256i bytes = _mm256_loadu_si256((const __m256i *)(data + 32 * part));
        __m256i high = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half);
        __m256i both = _mm256_and_si256(_mm256_shuffle_epi8(by_low, bytes), _mm256_shuffle_epi8(by_high, high));
        __m256i others = _mm256_cmpeq_epi8(_mm256_and_si256(both, members), none);
        found[part] = ~(uint32_t)_mm256_movemask_epi8(others);
        signs[part] = (uint32_t)_mm256_movemask_epi8(_mm256_slli_epi16(both, 2));
    }
    Bits bits = {(uint64_t)found[1] << 32 | found[0], (uint64_t)signs[1] << 32 | signs[0]};
    return bits;
}
#endif

/* The index of the lowest bit of some. */
static inline int
lowest(uint64_t bits)
{
#if defined(_MSC_VER)
    unsigned long index;
    _BitScanForward64(&index, bits);
    return (int)index;
#else
    return __builtin_ctzll(bits);
#endif
}

/* Of two words of such bits, keep in the lower those where so many more are set. */
#define NARROW(by)                             \
    do {                                       \
        low &= low >> (by) | high << (64 - (by)); \
        high &= high >> (by);                  \
    } while (0)

ALWAYS_INLINE int
search_by(Text *text, PyObject *found, Bits (*bits_of)(const uint8_t *))
{
    Bits before = {0, 0}, now;
    uint64_t signs = 0, short_before = 0; /* of the bytes before those before */
    Py_ssize_t done = 0;
    for (Py_ssize_t at = 0; at < text->size + 64; at += 64) {
        if (at + 64 <= text->size) {
            now = bits_of(text->data + at);
        }
        else {
            uint8_t rest[64] = {0};
            if (at < text->size) {
                memcpy(rest, text->data + at, (size_t)(text->size - at));
            }
            now = bits_of(rest);
        }
        uint64_t low = before.members, high = now.members;
        NARROW(1);
        NARROW(2);
        NARROW(4);
        NARROW(4);
        uint64_t enough = low, near = before.signs << 1 | before.signs << 2 | before.signs << 3 | before.signs << 4 |
                                      signs >> 63 | signs >> 62 | signs >> 61 | signs >> 60;
        NARROW(4);
        NARROW(8);
        NARROW(3);
        uint64_t wanted = low | (enough & ~(enough << 1 | short_before >> 63) & near);
        short_before = enough;
        signs = before.signs;
        before = now;
        while (wanted) {
            Py_ssize_t start = at - 64 + lowest(wanted);
            wanted &= wanted - 1;
            if (start < done) {
                wanted = done < at ? wanted & ~(uint64_t)0 << (done - at + 64) : 0;
            }
            else if ((done = judge(text, start, found)) < 0) {
                return -1;
            }
        }
    }
    return 0;
}

static int
search_sse2(Text *text, PyObject *found)
{
    return search_by(text, found, bits_sse2);
}

#ifdef HAS_AVX2
static __attribute__((target("avx2"))) int
search_avx2(Text *text, PyObject *found)
{
    return search_by(text, found, bits_avx2);
}
#endif

static int (*search)(Text *, PyObject *) = search_sse2;
#else
static int
search(Text *text, PyObject *found)
{
    const uint8_t *data = text->data;
    for (Py_ssize_t at = SHORTEST - 1, done = 0; at < text->size;) {
        Py_ssize_t start = at + 1, first = at - SHORTEST + 1;
        while (start > done && start > first && value[data[start - 1]] != NO) {
            start--;
        }
        if (start == first) { /* so many in a row; it may have begun earlier */
            while (start > done && value[data[start - 1]] != NO) {
                start--;
            }
            if ((done = judge(text, start, found)) < 0) {
                return -1;
            }
            start = done;
        }
        at = start + SHORTEST - 1;
    }
    return 0;
}
#endif

static PyObject *
find(PyObject *module, PyObject *argument)
{
    Py_buffer view;
    (void)module;
    if (PyObject_GetBuffer(argument, &view, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    Text text = {view.buf, view.len, NULL, 0, 0};
    PyObject *found = PyList_New(0);
    if (found && search(&text, found) < 0) {
        Py_CLEAR(found);
    }
    PyMem_Free(text.ends);
    PyBuffer_Release(&view);
    return found;
}

static PyMethodDef methods[] = {
    {"find", find, METH_O, "find(data)\n--\n\nReturn the runs that may decode: see runs.py."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_runs", NULL, 0, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC
PyInit__runs(void)
{
    fill_tables();
#ifdef HAS_AVX2
    if (__builtin_cpu_supports("avx2")) {
        search = search_avx2;
    }
#endif
    return PyModule_Create(&definition);
}
