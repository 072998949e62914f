// SPDX-License-Identifier: AGPL-3.0-or-later
/* unsealed - the same program without encryption, to say what encryption costs: with LD_PRELOAD libsodium's boxes and
 * seals are plain copies of the same length. For bench.py only; keyed digests stay what they are, since rows are found
 * by them. */
#include <sodium.h>
#include <string.h>

enum { TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES };

/* Both ciphers have the same parameters and the same length of tag. */
static int copy_close(unsigned char *c, unsigned long long *c_len, const unsigned char *m, unsigned long long m_len)
{
    memmove(c, m, m_len);
    memset(c + m_len, 0, TAG);
    if (c_len)
        *c_len = m_len + TAG;
    return 0;
}

static int copy_open(unsigned char *m, unsigned long long *m_len, const unsigned char *c, unsigned long long c_len)
{
    if (c_len < TAG)
        return -1;
    memmove(m, c, c_len - TAG);
    if (m_len)
        *m_len = c_len - TAG;
    return 0;
}

int crypto_aead_xchacha20poly1305_ietf_encrypt(unsigned char *c, unsigned long long *c_len, const unsigned char *m,
                                               unsigned long long m_len, const unsigned char *ad,
                                               unsigned long long ad_len, const unsigned char *nsec,
                                               const unsigned char *nonce, const unsigned char *key)
{
    (void)ad, (void)ad_len, (void)nsec, (void)nonce, (void)key;
    return copy_close(c, c_len, m, m_len);
}

int crypto_aead_xchacha20poly1305_ietf_decrypt(unsigned char *m, unsigned long long *m_len, unsigned char *nsec,
                                               const unsigned char *c, unsigned long long c_len,
                                               const unsigned char *ad, unsigned long long ad_len,
                                               const unsigned char *nonce, const unsigned char *key)
{
    (void)nsec, (void)ad, (void)ad_len, (void)nonce, (void)key;
    return copy_open(m, m_len, c, c_len);
}

int crypto_aead_chacha20poly1305_ietf_encrypt(unsigned char *c, unsigned long long *c_len, const unsigned char *m,
                                              unsigned long long m_len, const unsigned char *ad,
                                              unsigned long long ad_len, const unsigned char *nsec,
                                              const unsigned char *nonce, const unsigned char *key)
{
    (void)ad, (void)ad_len, (void)nsec, (void)nonce, (void)key;
    return copy_close(c, c_len, m, m_len);
}

int crypto_aead_chacha20poly1305_ietf_decrypt(unsigned char *m, unsigned long long *m_len, unsigned char *nsec,
                                              const unsigned char *c, unsigned long long c_len, const unsigned char *ad,
                                              unsigned long long ad_len, const unsigned char *nonce,
                                              const unsigned char *key)
{
    (void)nsec, (void)ad, (void)ad_len, (void)nonce, (void)key;
    return copy_open(m, m_len, c, c_len);
}

/* What the vault makes short boxes of. */
int crypto_stream_chacha20_ietf_xor(unsigned char *c, const unsigned char *m, unsigned long long m_len,
                                    const unsigned char *nonce, const unsigned char *key)
{
    (void)nonce, (void)key;
    memmove(c, m, m_len);
    return 0;
}

int crypto_onetimeauth_poly1305(unsigned char *out, const unsigned char *in, unsigned long long in_len,
                                const unsigned char *key)
{
    (void)in, (void)in_len, (void)key;
    memset(out, 0, crypto_onetimeauth_poly1305_BYTES);
    return 0;
}

int crypto_box_seal(unsigned char *c, const unsigned char *m, unsigned long long m_len, const unsigned char *key)
{
    (void)key;
    memmove(c + crypto_box_SEALBYTES, m, m_len);
    memset(c, 0, crypto_box_SEALBYTES);
    return 0;
}

int crypto_box_seal_open(unsigned char *m, const unsigned char *c, unsigned long long c_len, const unsigned char *pk,
                         const unsigned char *sk)
{
    (void)pk, (void)sk;
    if (c_len < crypto_box_SEALBYTES)
        return -1;
    memmove(m, c + crypto_box_SEALBYTES, c_len - crypto_box_SEALBYTES);
    return 0;
}
