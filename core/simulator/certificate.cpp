// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulator/certificate.h"

#include <array>
#include <memory>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <utility>

namespace weir::simulator {

namespace {

template<auto Free>
struct Deleter
{
    template<typename T>
    void operator()(T *object) const
    {
        Free(object);
    }
};
template<typename T, auto Free>
using Owned = std::unique_ptr<T, Deleter<Free>>;
using Key = Owned<EVP_PKEY, EVP_PKEY_free>;
using X509Certificate = Owned<X509, X509_free>;

constexpr long SecondsPerDay = 24 * 60 * 60;
constexpr int DaysValid = 90;
constexpr int SerialBits = 127; // RFC 5280 allows 20 bytes, positive

bool setSerial(X509 *certificate)
{
    const Owned<BIGNUM, BN_free> number(BN_new());
    return number && BN_rand(number.get(), SerialBits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) &&
           BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate));
}

bool setNames(X509 *certificate)
{
    X509_NAME *name = X509_get_subject_name(certificate);
    const auto *text = reinterpret_cast<const unsigned char *>("Weir simulated provider");
    return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0) &&
           X509_set_issuer_name(certificate, name);
}

bool setExtensions(X509 *certificate, CertificateKind kind)
{
    const char *const names =
        kind == CertificateKind::WrongHost ? "DNS:wrong-host.invalid" : "DNS:localhost,IP:127.0.0.1,IP:::1";
    const std::array<std::pair<int, const char *>, 5> extensions{{
        {NID_basic_constraints, "critical,CA:TRUE"},
        {NID_key_usage, "critical,digitalSignature,keyCertSign"},
        {NID_ext_key_usage, "serverAuth"},
        {NID_subject_key_identifier, "hash"},
        {NID_subject_alt_name, names},
    }};
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    for (const auto &[id, value] : extensions) {
        const Owned<X509_EXTENSION, X509_EXTENSION_free> extension(
            X509V3_EXT_conf_nid(nullptr, &context, id, value));
        if (!extension || !X509_add_ext(certificate, extension.get(), -1))
            return false;
    }
    return true;
}

X509Certificate makeSigned(EVP_PKEY *key, CertificateKind kind)
{
    const long daysLeft = kind == CertificateKind::Expired ? -1 : DaysValid;
    constexpr long Version3 = 2;
    X509Certificate certificate(X509_new());
    X509 *x509 = certificate.get();
    // From two days ago on: clocks differ, and one that has expired was valid once.
    const bool isGood = x509 && X509_set_version(x509, Version3) && setSerial(x509) &&
                        X509_gmtime_adj(X509_getm_notBefore(x509), -2 * SecondsPerDay) &&
                        X509_gmtime_adj(X509_getm_notAfter(x509), daysLeft * SecondsPerDay) &&
                        X509_set_pubkey(x509, key) && setNames(x509) && setExtensions(x509, kind) &&
                        X509_sign(x509, key, EVP_sha256());
    return isGood ? std::move(certificate) : X509Certificate();
}

/// What `write` puts into a memory BIO.
template<typename Write>
QByteArray pem(Write write)
{
    const Owned<BIO, BIO_free_all> bio(BIO_new(BIO_s_mem()));
    if (!bio || !write(bio.get()))
        return {};
    char *bytes = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &bytes);
    return {bytes, qsizetype(size)};
}

} // namespace

base::Result<Certificate> makeCertificate(CertificateKind kind)
{
    const Key key(EVP_EC_gen("P-256"));
    const X509Certificate certificate = key ? makeSigned(key.get(), kind) : X509Certificate();
    Certificate made;
    if (certificate) {
        made.certificatePem = pem([&](BIO *bio) { return PEM_write_bio_X509(bio, certificate.get()); });
        made.keyPem = pem([&](BIO *bio) {
            return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
        });
    }
    if (made.certificatePem.isEmpty() || made.keyPem.isEmpty())
        return base::unexpected(base::Errc::Internal, "OpenSSL could not make a certificate");
    return made;
}

} // namespace weir::simulator
