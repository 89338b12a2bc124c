#!/bin/sh
# Makes the certificates of the TLS tests again: an authority, and what a site may show.
# Every name is under .test and every key is thrown away or worthless; nothing here is a secret.
set -eu
cd "$(dirname "$0")"
openssl req -x509 -newkey rsa:2048 -nodes -days 36500 -subj "/CN=Test CA/O=Homeport tests" \
    -addext "keyUsage=critical,keyCertSign" -keyout ca.key -out ca.pem
leaf() { # name of the file, host, first and last moment of validity
    openssl req -newkey rsa:2048 -nodes -subj "/CN=$2" -keyout leaf.key -out leaf.csr
    printf 'subjectAltName=DNS:%s\nbasicConstraints=CA:FALSE\nauthorityKeyIdentifier=keyid\n' "$2" >leaf.ext
    : >index.txt
    printf '[ca]\ndefault_ca=d\n[d]\nnew_certs_dir=.\ndatabase=index.txt\nrand_serial=yes\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n' >ca.cnf
    openssl ca -batch -notext -config ca.cnf -cert ca.pem -keyfile ca.key -extfile leaf.ext \
        -startdate "$3" -enddate "$4" -in leaf.csr -out leaf.crt
    cat leaf.key leaf.crt >"$1.pem"
}
leaf site site.test 20200101000000Z 21200101000000Z
leaf expired site.test 20200101000000Z 20210101000000Z
openssl req -x509 -newkey rsa:2048 -nodes -days 36500 -subj "/CN=site.test" \
    -addext "subjectAltName=DNS:site.test" -keyout leaf.key -out leaf.crt
cat leaf.key leaf.crt >self_signed.pem
rm -f ca.key ca.cnf index.txt* leaf.* [0-9A-F]*.pem
